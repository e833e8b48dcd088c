import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CommandContext } from './command.ts'
import { CommandError } from './errors.ts'

const template = fileURLToPath(new URL('../templates/job', import.meta.url))
// npm publishes no files of these names.
const renamed: Readonly<Record<string, string>> = { gitignore: '.gitignore', npmrc: '.npmrc' }

/** `init`: writes the files of a new job into a new folder, all of them or none. */
export function run({ arguments: [given = ''], output, cwd }: CommandContext): Promise<void> {
  const folder = resolve(cwd, given)
  const name = basename(folder)
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw new CommandError(
      `"${name}" can't be the job's name, which npm and Prefect take too: use lower-case letters, digits and single "-"`,
    )
  }
  // It would be replaced, and the shell left in a folder that is gone.
  if (folder === cwd) throw new CommandError('Name a new folder: `prefect-ts init my-job`')
  const files = templateFiles()
  const staged = stage(folder, name, files)
  try {
    // Fails where there is a file of that name, or a folder with something in it.
    renameSync(staged, folder)
  } catch (error) {
    rmSync(staged, { recursive: true, force: true })
    throw cannotWrite(folder, error)
  }
  const written = files.map(toTarget).toSorted()
  if (output.json) output.printJson({ name, folder, files: written })
  else {
    for (const file of written) output.print(join(given, file))
    output.note(`\nNext: cd ${given} && npm install && npm test`)
  }
  return Promise.resolve()
}

/** Paths of the template's files, below its folder. */
function templateFiles(): string[] {
  return readdirSync(template, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(template, join(entry.parentPath, entry.name)))
}

function toTarget(file: string): string {
  return renamed[file] ?? file
}

/** Writes the files into a folder beside the one wanted, and returns it. */
function stage(folder: string, name: string, files: readonly string[]): string {
  const staged = join(dirname(folder), `.${name}-${randomUUID()}`)
  try {
    mkdirSync(staged)
    for (const file of files) {
      const target = join(staged, toTarget(file))
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, fill(readFileSync(join(template, file), 'utf8'), name))
    }
    return staged
  } catch (error) {
    rmSync(staged, { recursive: true, force: true })
    throw cannotWrite(folder, error)
  }
}

/** Puts in the job's name, and the versions of the packages that this one works with. */
function fill(text: string, name: string): string {
  return text.replaceAll(/\{\{(name|@prefect-ts\/[a-z0-9-]+)\}\}/g, (_, key: string) =>
    key === 'name' ? name : `^${versionOf(key)}`,
  )
}

function versionOf(packageName: string): string {
  const manifest = fileURLToPath(import.meta.resolve(`${packageName}/package.json`))
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}

function cannotWrite(folder: string, error: unknown): CommandError {
  const { code = '' } = error as NodeJS.ErrnoException
  const reasons: Record<string, string> = {
    ENOTEMPTY: 'it is there already, and not empty',
    EEXIST: 'it is there already, and not empty',
    ENOTDIR: 'there is a file of that name',
    ENOENT: `${dirname(folder)} does not exist`,
    EACCES: `${dirname(folder)} can't be written to`,
  }
  return new CommandError(
    `${folder} is not made: ${reasons[code] ?? (error as Error).message}. Nothing was written`,
  )
}
