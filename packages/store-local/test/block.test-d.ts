import type { Block } from '@prefect-ts/blocks'
import type { BlockLike } from '@prefect-ts/store'
import { localAdapter } from '@prefect-ts/store-local'

declare const block: Block<'local-file-system'>
declare const other: Block<'s3-bucket'>

void localAdapter.open(block)
export const anyStoreTakesIt: BlockLike = other
// @ts-expect-error a block of another type
void localAdapter.open(other)
