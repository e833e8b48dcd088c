import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** What to make below the sandbox before a vector runs: a verb, a path, and a content or target. */
export type Setup = readonly (readonly string[])[]

const { HOME } = process.env
const cwd = process.cwd()

/** The `{TMP}` of the vectors, with $HOME in `home` and the current folder in `cwd`. */
export async function enterSandbox(): Promise<string> {
  const sandbox = await realpath(await mkdtemp(join(tmpdir(), 'vectors-')))
  for (const name of ['home', 'cwd']) await mkdir(join(sandbox, name), { recursive: true })
  process.env['HOME'] = join(sandbox, 'home')
  process.chdir(join(sandbox, 'cwd'))
  return sandbox
}

export async function leaveSandbox(sandbox: string): Promise<void> {
  process.chdir(cwd)
  process.env['HOME'] = HOME
  await rm(sandbox, { recursive: true, force: true })
}

/** Row `index` of the vectors, with the sandbox's path in place of `{TMP}` and its setup done. */
export async function prepareVector<Vector extends { readonly setup: Setup }>(
  text: string,
  index: number,
  sandbox: string,
): Promise<Vector> {
  // The sandbox's path is put into the parsed rows, not into the text, which is ASCII with escapes.
  const rows = JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('{TMP}', sandbox) : value,
  ) as Vector[]
  const vector = rows[index]
  if (vector === undefined) throw new Error(`no vector ${index}`)
  for (const [verb, name = '', value = ''] of vector.setup) {
    const place = join(sandbox, name)
    await mkdir(dirname(place), { recursive: true })
    if (verb === 'dir') await mkdir(place, { recursive: true })
    else if (verb === 'file') await writeFile(place, value)
    else if (verb === 'link') await symlink(value, place)
    else execFileSync('mkfifo', [place])
  }
  return vector
}
