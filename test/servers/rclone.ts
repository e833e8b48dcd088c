import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, venv } from '../../scripts/lib/prefect-server.ts'
import { s3Keys } from './moto.ts'
import { startProcess } from './process.ts'
import type { TestServer } from './process.ts'

/**
 * `rclone serve s3` over a folder, by default one that goes with it: it checks signatures and checksums, and keeps
 * what is a file's name.
 */
export async function startRclone(given?: string): Promise<TestServer & { folder: string }> {
  if (given !== undefined) await mkdir(given, { recursive: true })
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'prefect-ts-rclone-')))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = await startProcess(
    join(venv, 'bin/rclone'),
    [
      'serve',
      's3',
      folder,
      '--config=',
      `--addr=127.0.0.1:${port}`,
      `--auth-key=${s3Keys.accessKeyId},${s3Keys.secretAccessKey}`,
    ],
    url,
  )
  return {
    ...server,
    folder,
    async stop() {
      await server.stop()
      if (given === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}
