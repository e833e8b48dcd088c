import { join } from 'node:path'
import { freePort, venv } from '../../scripts/lib/prefect-server.ts'
import { startProcess } from './process.ts'
import type { TestServer } from './process.ts'

/** Keys that moto and rclone take; moto takes any. */
export const s3Keys = {
  accessKeyId: 'test-access-key',
  secretAccessKey: 'test-secret-key',
} as const

/** moto's S3 (and STS) in memory: the server that keeps every key as it is. It checks no signature. */
export async function startMoto(): Promise<TestServer> {
  const port = await freePort()
  const args = [join(import.meta.dirname, 'moto_server.py'), String(port)]
  return await startProcess(join(venv, 'bin/python'), args, `http://127.0.0.1:${port}`)
}
