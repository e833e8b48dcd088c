import { expect, it } from 'vitest'
import { createLog, levelNumber, type LogLine } from '../src/log.ts'

function collect(minimumLevel = 20): { lines: LogLine[]; log: ReturnType<typeof createLog> } {
  const lines: LogLine[] = []
  return {
    lines,
    log: createLog(
      (line) => lines.push(line),
      () => minimumLevel,
    ),
  }
}

it('keeps levels, and drops what is below the minimum', () => {
  const { lines, log } = collect(30)
  log.info('no')
  log.warning('a')
  log.error('b')
  log.critical('c')
  expect(lines.map((line) => [line.level, line.message])).toEqual([
    [30, 'a'],
    [40, 'b'],
    [50, 'c'],
  ])
})

it('never repeats a timestamp, so that Prefect keeps the order', () => {
  const { lines, log } = collect()
  for (let index = 0; index < 5_000; index += 1) log.info(String(index))
  const stamps = lines.map((line) => line.timestamp)
  expect(new Set(stamps).size).toBe(5_000)
  expect(stamps.toSorted()).toEqual(stamps)
  expect(stamps[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
})

it('shows fields, and errors with stack and causes', () => {
  const { lines, log } = collect()
  log.error('Failed', {
    rows: 3,
    name: 'x',
    error: new Error('outer', { cause: new Error('inner') }),
  })
  expect(lines[0]?.message).toContain('Failed rows=3 name=x error="outer"\nError: outer')
  expect(lines[0]?.message).toContain('[cause]: Error: inner')
})

it('says the message of an error once', () => {
  const { lines, log } = collect()
  const error = new TypeError('no such day')
  log.error(error.message, { error })
  expect(lines[0]?.message).toMatch(/^no such day\nTypeError\n +at /)
})

it('drops what the server cannot store', () => {
  const { lines, log } = collect()
  log.info('a\0b\ud800c')
  expect(lines[0]?.message).toBe('ab\ufffdc')
})

it('knows level names and numbers', () => {
  expect([
    levelNumber('WARNING'),
    levelNumber('debug'),
    levelNumber('25'),
    levelNumber('loud'),
  ]).toEqual([30, 10, 25, undefined])
})
