import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { createS3Store } from '@prefect-ts/store-s3'
import type { Store } from '@prefect-ts/store'
import { s3Keys, startMoto } from '../../../test/servers/moto.ts'
import { startMinio, withMinio } from '../../../test/servers/minio.ts'
import { startRclone } from '../../../test/servers/rclone.ts'
import type { TestServer } from '../../../test/servers/process.ts'

export { s3Keys }

/** The servers that the suites run on. */
export const servers: Readonly<Record<string, () => Promise<TestServer>>> = {
  moto: startMoto,
  rclone: startRclone,
  ...(withMinio ? { minio: startMinio } : {}),
}

/** The SDK's own client of a server. */
export function rawClient(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: s3Keys,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
}

let buckets = 0

/** A bucket that no other test uses. */
export async function makeBucket(endpoint: string): Promise<string> {
  const bucket = `bucket-${process.pid}-${++buckets}`
  const client = rawClient(endpoint)
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
  return bucket
}

/** A store in a bucket of its own. */
export async function makeStore(
  endpoint: string,
  options: Partial<Parameters<typeof createS3Store>[0]> = {},
): Promise<Store> {
  const bucket = await makeBucket(endpoint)
  return createS3Store({ bucket, endpoint, credentials: s3Keys, region: 'us-east-1', ...options })
}
