import type { Block } from '@prefect-ts/blocks'
import { s3Adapter } from '@prefect-ts/store-s3'

declare const bucket: Block<'s3-bucket'>
declare const other: Block<'local-file-system'>

void s3Adapter.open(bucket)
// @ts-expect-error a block of another type
void s3Adapter.open(other)
