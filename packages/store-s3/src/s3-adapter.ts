import type { Store, StoreAdapter } from '@prefect-ts/store'
import { blockFields, isRemoteBlock, openRemoteBase, refuseBlock } from '@prefect-ts/store/adapter'
import type { RemoteFileSystemBlock } from '@prefect-ts/store/adapter'
import { credentialSettings } from './block-settings.ts'
import { folderNames, remoteNames } from './object-names.ts'
import { remoteSettings } from './remote-settings.ts'
import { openS3Store } from './s3-store.ts'
import { resolveSettings } from './settings.ts'

/** Prefect's S3Bucket block (prefect-aws), as far as a store needs it. */
export interface S3BucketBlock {
  /** Slug of the block type. */
  readonly type: 's3-bucket'
  /** Name of the block document. */
  readonly name?: string | undefined
  /** The block's fields. */
  readonly data: {
    /** Name of the bucket. */
    readonly bucket_name: string
    /** Folder in it. */
    readonly bucket_folder?: string | null | undefined
    /** The nested AwsCredentials or MinIOCredentials block, or its fields. Without credentials: boto3's default chain. */
    readonly credentials?: object | null | undefined
  }
}

/**
 * Opens `s3-bucket` blocks, and `remote-file-system` blocks of `s3://` and `s3a://`, with `openStore`. Refuses fields
 * and settings that it does not know, and credentials that are incomplete, with `INVALID_CONFIG`.
 */
export const s3Adapter: StoreAdapter<S3BucketBlock | RemoteFileSystemBlock> = {
  types: ['s3-bucket', 'remote-file-system'],
  accepts: (block) => block.type === 's3-bucket' || isRemoteBlock(block, ['s3', 's3a']),
  open: (block) => (block.type === 's3-bucket' ? openBucket(block) : openRemote(block)),
}

function openBucket(block: S3BucketBlock): Store {
  const {
    bucket_name: bucket,
    bucket_folder: folder = '',
    credentials = {},
  } = blockFields(block, block.data, 'the block', ['bucket_name', 'bucket_folder', 'credentials'])
  if (typeof bucket !== 'string') throw refuseBlock(block, 'its bucket_name is no text')
  if (typeof folder !== 'string') throw refuseBlock(block, 'its bucket_folder is no text')
  const settings = resolveSettings(credentialSettings(block, credentials))
  return openS3Store({ bucket, names: folderNames(folder), settings }, {})
}

function openRemote(block: RemoteFileSystemBlock): Store {
  const base = openRemoteBase(block)
  const settings = resolveSettings(remoteSettings(block, block.data.settings ?? {}))
  return openS3Store({ bucket: base.bucket, names: remoteNames(base), settings }, {})
}
