import pino from 'pino'
import { Writable } from 'node:stream'
import { format } from 'node:util'
import { expect, it } from 'vitest'
import winston from 'winston'
import { createLog, type LogLine, type RunLog } from '../src/log.ts'

function collect(): { lines: LogLine[]; log: RunLog } {
  const lines: LogLine[] = []
  return {
    lines,
    log: createLog(
      (line) => lines.push(line),
      () => 0,
    ),
  }
}

const shown = (lines: LogLine[]): unknown => lines.map(({ level, message }) => [level, message])

it('takes the lines of pino', () => {
  const { lines, log } = collect()
  const logger = pino({ level: 'trace' }, { write: log.write })
  logger.trace('a')
  logger.info({ rows: 3 }, 'b')
  logger.warn('c')
  logger.fatal({ err: new Error('boom') }, 'd')
  expect(shown(lines.slice(0, 3))).toEqual([
    [10, 'a'],
    [20, 'b rows=3'],
    [30, 'c'],
  ])
  expect(lines[3]?.level).toBe(50)
  expect(lines[3]?.message).toMatch(/^d err=.*boom/)
})

it('takes the objects of winston', async () => {
  const { lines, log } = collect()
  const stream = new Writable({
    objectMode: true,
    write(info, _encoding, done) {
      log.write(info)
      done()
    },
  })
  const logger = winston.createLogger({
    level: 'silly',
    transports: [new winston.transports.Stream({ stream })],
  })
  logger.silly('a')
  logger.warn('b', { rows: 3 })
  logger.error('c')
  await new Promise((resolve) => setImmediate(resolve))
  expect(shown(lines)).toEqual([
    [10, 'a'],
    [30, 'b rows=3'],
    [40, 'c'],
  ])
})

it('takes what console prints', () => {
  const { lines, log } = collect()
  const sink =
    (level: string) =>
    (...args: unknown[]) =>
      log.write({ level, message: format(...args) })
  sink('log')('%d rows', 3)
  sink('warn')('careful', { a: 1 })
  expect(shown(lines)).toEqual([
    [20, '3 rows'],
    [30, 'careful { a: 1 }'],
  ])
})

it.each([
  ['plain text\n', 20, 'plain text'],
  ['{not json', 20, '{not json'],
  [{}, 20, ''],
  [{ level: 'unheard-of', message: 7 }, 20, '7'],
  [{ level: 35, msg: 'pino number' }, 20, 'pino number'],
])('never refuses an entry: %j', (entry, level, message) => {
  const { lines, log } = collect()
  log.write(entry)
  expect(shown(lines)).toEqual([[level, message]])
})
