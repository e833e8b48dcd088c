import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { goTool } from '../../scripts/lib/go-tool.ts'
import { freePort } from '../../scripts/lib/prefect-server.ts'
import { s3Keys } from './moto.ts'
import { startProcess } from './process.ts'
import type { TestServer } from './process.ts'

/** Whether MinIO joins in: in the full trials and in CI, because it takes minutes to build. */
export const withMinio: boolean =
  process.env['PREFECT_TS_TRIALS'] === 'full' || process.env['PREFECT_TS_MINIO'] === '1'

/** Path of MinIO, built from source when this machine has none: some 4 minutes, once. */
export async function buildMinio(): Promise<string> {
  return await goTool({
    name: 'minio',
    module: 'github.com/minio/minio',
    version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
  })
}

/** MinIO over a folder of its own. It checks signatures, checksums and conditions. */
export async function startMinio(below: string = tmpdir()): Promise<TestServer> {
  const program = await buildMinio()
  const folder = await mkdtemp(join(below, 'prefect-ts-minio-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = { MINIO_ROOT_USER: s3Keys.accessKeyId, MINIO_ROOT_PASSWORD: s3Keys.secretAccessKey }
  const args = ['server', folder, '--quiet', '--address', `127.0.0.1:${port}`]
  const server = await startProcess(program, args, url, { ...env, MINIO_UPDATE: 'off' })
  return {
    ...server,
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
