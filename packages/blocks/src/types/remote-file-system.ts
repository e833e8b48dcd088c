// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { withDefault } from '../fields.ts'
import { secretSettings, urlText } from '../secret-readers.ts'
import type { SecretSettings } from '../secret-readers.ts'

/**
 * Store data as a file on a remote file system.
 *
 * Supports any remote file system supported by `fsspec`. The file system is specified
 * using a protocol. For example, "s3://my-bucket/my-folder/" will use S3.
 */
export interface RemoteFileSystemData {
  /** Default path for this block to write to. */
  basepath: string | Secret
  /** Additional settings to pass through to fsspec. */
  settings: SecretSettings
}

export const blockModule: BlockModule<RemoteFileSystemData> = {
  readers: {
    basepath: urlText,
    settings: withDefault(secretSettings, {}),
  },
}
