import { refuseBlock, reveal } from '@prefect-ts/store/adapter'
import type { BlockLike } from '@prefect-ts/store'

/** The text of a field, also of a secret one; an empty one counts as absent. */
export function text(block: BlockLike, value: unknown, name: string): string | undefined {
  const plain = reveal(value)
  if (plain === undefined || plain === '') return undefined
  // eslint-disable-next-line no-control-regex -- a header can't hold them, and errors would show the value
  if (typeof plain !== 'string' || /[\u0000-\u001f\u007f]/.test(plain)) {
    throw refuseBlock(block, `its ${name} is no text of one line`)
  }
  return plain
}

/** A boolean field. */
export function flag(block: BlockLike, value: unknown, name: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  throw refuseBlock(block, `its ${name} is neither true nor false`)
}
