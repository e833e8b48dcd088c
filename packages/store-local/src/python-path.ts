import { readFileSync, readlinkSync } from 'node:fs'
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

/**
 * `os.path.realpath(path)`: symlinks are followed segment by segment, so that `..` after a link leads to the parent of
 * the link's target, and what does not exist is taken as it stands. Undefined for a loop of links, where Python up to
 * 3.12 raises RuntimeError.
 */
export function realPath(path: string): string | undefined {
  const done = new Map<string, string | undefined>()

  function walk(from: string, rest: string): string | undefined {
    let at = from
    for (const segment of rest.split('/')) {
      if (segment === '' || segment === '.') continue
      if (segment === '..') {
        at = at.slice(0, Math.max(1, at.lastIndexOf('/')))
        continue
      }
      const next = at === '/' ? `/${segment}` : `${at}/${segment}`
      const target = linkTarget(next)
      if (target === undefined) {
        at = next
        continue
      }
      if (!done.has(next)) {
        done.set(next, undefined)
        done.set(next, walk(target.startsWith('/') ? '/' : at, target))
      }
      const resolved = done.get(next)
      if (resolved === undefined) return undefined
      at = resolved
    }
    return at
  }

  return path.startsWith('/') ? walk('/', path) : walk(process.cwd(), path)
}

/** Whether `path` is `base` or below it, by whole segments. Both must be real paths. */
export function isInside(path: string, base: string): boolean {
  return path === base || path.startsWith(base === '/' ? '/' : `${base}/`)
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
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
