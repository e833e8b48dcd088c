import type { Block } from '@prefect-ts/blocks'
import { gcsAdapter } from '@prefect-ts/store-gcs'

declare const bucket: Block<'gcs-bucket'>
declare const remote: Block<'remote-file-system'>
declare const other: Block<'s3-bucket'>

void gcsAdapter.open(bucket)
void gcsAdapter.open(remote)
// @ts-expect-error a block of another type
void gcsAdapter.open(other)
