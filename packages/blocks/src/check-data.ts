import { isSecret } from '@prefect-ts/api'
import { BlockError } from './errors.ts'

/** No document of a block is as deep; what is deeper would end in an error about the stack. */
const MAXIMUM_DEPTH = 1000

/**
 * Fails with `INVALID_DATA`, naming block and field, when data holds itself or is nested deeper than 1,000 levels; with `asJson` also for what JSON would turn
 * into something else without a word: Maps, dates, functions, numbers that are not finite, half surrogate pairs.
 */
export function checkData(data: object, block: string, asJson = false): void {
  const around: object[] = []
  const path: string[] = []
  const done = new Set<object>()
  visit(data)

  function fail(reason: string): never {
    const field = path.slice(0, 10).join('.')
    throw new BlockError(`Block "${block}": field "${field}" ${reason}.`, {
      code: 'INVALID_DATA',
      block,
    })
  }

  function visit(value: unknown): void {
    if (isSecret(value)) return
    if (typeof value !== 'object' || value === null) {
      const reason = asJson ? wrongValue(value) : undefined
      if (reason !== undefined) fail(reason)
      return
    }
    if (around.includes(value)) fail('holds itself')
    if (around.length === MAXIMUM_DEPTH) fail(`is nested deeper than ${MAXIMUM_DEPTH} levels`)
    if (done.has(value)) return
    done.add(value)
    const kind = Object.prototype.toString.call(value).slice(8, -1)
    if (asJson && kind !== 'Object' && kind !== 'Array') {
      fail(`is a ${kind}, which JSON can't hold`)
    }
    around.push(value)
    for (const [key, item] of Object.entries(value)) {
      if (asJson && !key.isWellFormed()) fail('has a key with half a surrogate pair')
      path.push(key)
      visit(item)
      path.pop()
    }
    around.pop()
  }
}

function wrongValue(value: unknown): string | undefined {
  if (typeof value === 'string')
    return value.isWellFormed() ? undefined : 'holds half a surrogate pair'
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : 'is a number that is not finite'
  const isLost = ['bigint', 'symbol', 'function'].includes(typeof value)
  return isLost ? `is a ${typeof value}, which JSON can't hold` : undefined
}
