export { s3Adapter } from './s3-adapter.ts'
export type { S3BucketBlock } from './s3-adapter.ts'
export { createS3Store } from './s3-store.ts'
export type { CreateS3StoreOptions } from './s3-store.ts'
