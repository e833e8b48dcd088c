import { posix } from 'node:path'
import type { Store } from '@prefect-ts/store'
import type { RowIssue } from './codec.ts'
import type { Dataset } from './dataset.ts'
import { kindOf } from './columns.ts'
import { DatasetError, describe } from './errors.ts'

/** Rows that were refused and where they were put. */
export interface RejectedRows {
  /** How many. */
  readonly rows: number
  /** Path of the file that holds them, one JSON object per line: `row`, `issues`, `value`. */
  readonly path: string
  /** That path as other tools name it. */
  readonly uri: string
}

/** Collects refused rows, in memory: there are at most `maxInvalidRows`. */
export interface Rejects {
  /** Takes one; throws when rows may not be refused, or no more of them. */
  readonly reject: (row: number, issues: readonly RowIssue[], value: unknown) => undefined
  /** Puts them under `rejects/`; `undefined` when there are none. */
  save(store: Store, signal: AbortSignal | undefined): Promise<RejectedRows | undefined>
  /** Removes what an earlier run left there, when there are none now. */
  removeOld(store: Store, signal: AbortSignal | undefined): Promise<void>
}

/** How rows that are refused are dealt with. */
export interface InvalidRowOptions {
  /**
   * `fail`: the first refused row ends the call. `quarantine`: refused rows go to a file under `rejects/`, with reason and row
   * number, and the others go on.
   * @default 'fail'
   */
  onInvalid?: 'fail' | 'quarantine' | undefined
  /**
   * More refused rows than this end a call that quarantines; nothing is written then.
   * @default 1000
   */
  maxInvalidRows?: number | undefined
}

/** Starts a collection for the file at `path` of the dataset. */
export function createRejects(
  dataset: Dataset,
  path: string,
  what: 'read' | 'write',
  options: InvalidRowOptions,
): Rejects {
  const { onInvalid = 'fail', maxInvalidRows = 1000 } = options
  checkOptions(dataset, onInvalid, maxInvalidRows)
  const target = posix.join('rejects', posix.dirname(path), `${what}.ndjson`)
  let rows = 0
  let pending = ''
  let first = ''
  const fail = (message: string, row?: number, column?: string): DatasetError =>
    new DatasetError(`Dataset "${dataset.name}": ${message}.`, {
      code: 'INVALID_ROW',
      dataset: dataset.name,
      row,
      column,
    })

  return {
    reject(row, issues, value) {
      const reasons = issues.map(({ column, message }) =>
        column === '' || message.includes(column) ? message : `column "${column}": ${message}`,
      )
      const text = `row ${row} ${reasons.join('; ')}`
      if (onInvalid === 'fail') throw fail(text, row, issues[0]?.column)
      rows += 1
      if (rows === 1) first = text
      if (rows > maxInvalidRows) {
        throw fail(`more than ${maxInvalidRows} rows were refused; the first: ${first}`, row)
      }
      pending += `${toLine(row, issues, value)}\n`
      return undefined
    },
    async save(store, signal) {
      if (rows === 0) return undefined
      await store.put(target, pending, { signal })
      return { rows, path: target, uri: store.locate(target) }
    },
    async removeOld(store, signal) {
      if (onInvalid === 'quarantine' && rows === 0) await store.delete(target, { signal })
    },
  }
}

function checkOptions(dataset: Dataset, onInvalid: unknown, maxInvalidRows: unknown): void {
  const fail = (reason: string): DatasetError =>
    new DatasetError(`Dataset "${dataset.name}": ${reason}.`, {
      code: 'INVALID_DATASET',
      dataset: dataset.name,
    })
  if (onInvalid !== 'fail' && onInvalid !== 'quarantine') {
    throw fail(`onInvalid must be "fail" or "quarantine", got ${describe(onInvalid)}`)
  }
  const isCount = Number.isSafeInteger(maxInvalidRows) || maxInvalidRows === Infinity
  if (!isCount || Number(maxInvalidRows) < 0) {
    throw fail('maxInvalidRows must be a whole number of 0 or more')
  }
}

function toLine(row: number, issues: readonly RowIssue[], value: unknown): string {
  try {
    return JSON.stringify({ row, issues, value }, plain)
  } catch {
    // A cycle, or a `toJSON` that throws.
    return JSON.stringify({ row, issues, value: `${kindOf(value)} that JSON can't hold` })
  }
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
