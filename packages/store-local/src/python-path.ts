import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'

/**
 * `str(Path(path).expanduser())`: empty and `.` segments go, then a leading `~` becomes $HOME and `~name` the home of
 * that user. Undefined when the user is unknown, where Python raises RuntimeError.
 */
export function expandUser(path: string): string | undefined {
  const root = path.startsWith('/') ? '/' : ''
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  const first = segments[0]
  if (root === '/' || first === undefined || !first.startsWith('~'))
    return root + segments.join('/')
  const home = first === '~' ? ownHome() : homeOf(first.slice(1))
  return home === undefined ? undefined : [home, ...segments.slice(1)].join('/')
}

function ownHome(): string {
  const home = process.env['HOME'] ?? userInfo().homedir
  return home.replace(/\/+$/, '') || '/'
}

function homeOf(user: string): string | undefined {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  const home = lines.map((line) => line.split(':')).find(([name]) => name === user)?.[5]
  return home?.replace(/\/+$/, '') || undefined
}
