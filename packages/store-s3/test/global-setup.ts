import { buildMinio, withMinio } from '../../../test/servers/minio.ts'

/** Builds MinIO when it is to join in: no hook of a test waits that long. */
export default async function setup(): Promise<void> {
  if (withMinio) await buildMinio()
}
