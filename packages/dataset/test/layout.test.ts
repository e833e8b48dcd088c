import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { layoutVectors } from '../../../scripts/layout-vectors.ts'
import {
  type CreateDatasetOptions,
  createDataset,
  datasetFromParams,
  isDatasetError,
  resolveToday,
} from '../src/index.ts'
import { type VectorOptions, vectors } from './vectors.ts'

function toOptions(options: VectorOptions): CreateDatasetOptions {
  const { rundate_type: rundateType, partition_types: partitionTypes, ...others } = options
  return { ...others, rundateType, partitionTypes }
}

/** What a call returns, or the code and message of the error it throws. */
function outcome(call: () => unknown): { value?: unknown; error?: string; message: string } {
  try {
    return { value: call(), message: '' }
  } catch (error) {
    if (isDatasetError(error)) return { error: error.code, message: error.message }
    throw error
  }
}

const clock = (): Date => new Date('2013-01-01T23:30:00Z')

describe('layout vectors', () => {
  it('are the file this suite was written for', () => {
    expect(vectors.version).toBe(1)
    expect(
      vectors.datasets.filter((vector) => vector.origin === 'PrefectInterfaces.jl'),
    ).toHaveLength(6)
    expect(vectors.escapes.length).toBeGreaterThan(150)
    const { datasets, escapes, today, params } = vectors
    expect([datasets, escapes, today, params].flat().length).toBeGreaterThanOrEqual(400)
  })

  it('are what the rules give', () => {
    const file = new URL('../../../protocol/layout.vectors.json', import.meta.url)
    expect(readFileSync(file, 'utf8')).toBe(layoutVectors())
  })

  it.each(vectors.datasets)('dataset $id', ({ options, expect: expected, error }) => {
    const { message: _, ...got } = outcome(() => {
      const dataset = createDataset(toOptions(options))
      return {
        rundate: dataset.rundate,
        rundate_type: dataset.rundateType,
        path: dataset.path,
        latest_path: dataset.latestPath,
        read_path: dataset.readPath,
        write_paths: dataset.writePaths,
        glob: dataset.glob,
      }
    })
    expect(got).toEqual(error === undefined ? { value: expected } : { error })
  })

  it.each(vectors.escapes)('escape $value', ({ value, escaped }) => {
    const dataset = createDataset({ name: 'n', format: 'csv', partitions: { k: value } })
    expect(dataset.latestPath).toBe(`extracts/csv/latest/dataset=n/k=${escaped}/data.csv`)
  })

  it.each(vectors.today)('today of $options', ({ options, today, error }) => {
    const { scheduled_start: scheduledStart, time_zone: timeZone, clock: now, ...others } = options
    const { message: _, ...got } = outcome(() =>
      resolveToday({
        ...others,
        scheduledStart,
        timeZone,
        clock: now === undefined ? undefined : () => new Date(now),
      }),
    )
    expect(got).toEqual(error === undefined ? { value: today } : { error })
  })

  it.each(vectors.params)('params $id', ({ params, today, expect: expected, error, says }) => {
    const { message, ...got } = outcome(() => {
      const dataset = datasetFromParams(params, { today })
      return { read_path: dataset.readPath, write_paths: dataset.writePaths }
    })
    expect(got).toEqual(error === undefined ? { value: expected } : { error })
    for (const word of says ?? []) expect(message).toContain(word)
  })
})

describe('createDataset', () => {
  it('follows the table for every kind of day and rundate type', () => {
    const today = '2023-07-24'
    for (const rundate of [today, '2023-07-23', '2023-07-25', '0001-01-01', '9999-12-31']) {
      for (const type of ['latest', 'specific', undefined] as const) {
        const dataset = createDataset({
          name: 'n',
          format: 'csv',
          rundate,
          rundateType: type,
          today,
        })
        const isToday = rundate === today
        const rundateType = type ?? (isToday ? 'latest' : 'specific')
        expect(dataset.rundateType).toBe(rundateType)
        const latest = rundateType === 'latest'
        expect(dataset.readPath).toBe(latest ? dataset.latestPath : dataset.path)
        const written = new Set(dataset.writePaths)
        expect(written.has(dataset.latestPath)).toBe(latest)
        expect(written.has(dataset.path)).toBe(!latest || isToday)
        expect(dataset.writePaths.at(-1)).toBe(dataset.readPath)
      }
    }
  })

  it.each<[string, unknown]>([
    ['inherited values', Object.create({ k: 'x' })],
    ['a Map', new Map([['k', 'x']])],
    ['an array', ['x']],
  ])('refuses partitions that are %s', (_, partitions) => {
    const options = { name: 'n', format: 'csv', partitions: partitions as Record<string, string> }
    expect(outcome(() => createDataset(options)).message).toContain('must be a plain object')
  })

  it('keeps the type of a partition with the name of a prototype', () => {
    const partitions = Object.fromEntries([['__proto__', 1]])
    const dataset = createDataset({ name: 'n', format: 'csv', partitions })
    expect(Object.entries(dataset.partitionTypes)).toEqual([['__proto__', 'integer']])
  })

  it.each([Number.NaN, Date.parse('-000044-03-15T12:00:00Z')])('refuses a clock at %s', (time) => {
    const message = outcome(() => resolveToday({ clock: () => new Date(time) })).message
    expect(message).toContain('clock must be a time after the year 0')
  })

  it('takes bigints and refuses numbers that are not exact', () => {
    const dataset = createDataset({ name: 'n', format: 'csv', partitions: { k: 2n ** 70n } })
    expect(dataset.path).toContain('/k=1180591620717411303424/')
    const inexact = { name: 'n', format: 'csv', partitions: { k: 2 ** 53 } }
    expect(outcome(() => createDataset(inexact)).error).toBe('INVALID_DATASET')
  })

  it('types partitions by declaration, else by their values', () => {
    const partitions = { a: '1', b: 1, c: 1n, d: new Date('2013-01-31T06:00:00.120Z'), e: null }
    const dataset = createDataset({
      name: 'n',
      format: 'csv',
      partitions,
      partitionTypes: { a: 'integer', e: 'date' },
    })
    expect(dataset.partitionTypes).toEqual({
      a: 'integer',
      b: 'integer',
      c: 'integer',
      d: 'timestamp',
      e: 'date',
    })
    expect(dataset.path).toContain('/d=2013-01-31%2006%3A00%3A00.12/')
    const wrong = { name: 'n', format: 'csv', partitions: { k: new Date(0) } }
    const message = outcome(() =>
      createDataset({ ...wrong, partitionTypes: { k: 'date' } }),
    ).message
    expect(message).toContain('"k" must be of the type date')
  })

  it('says what it refuses without repeating long input', () => {
    expect(() => createDataset({ name: '/'.repeat(10_000), format: 'csv' })).toThrow(
      /^Dataset name must be letters.*, got "\/{80}…"\.$/,
    )
  })

  it('takes the clock once, in UTC unless told otherwise', () => {
    expect(createDataset({ name: 'n', format: 'csv', clock }).rundate).toBe('2013-01-01')
    const tokyo = createDataset({ name: 'n', format: 'csv', clock, timeZone: 'Asia/Tokyo' })
    expect(tokyo.rundate).toBe('2013-01-02')
    const now = new Date().toISOString().slice(0, 10)
    expect([now, new Date().toISOString().slice(0, 10)]).toContain(resolveToday({}))
  })
})
