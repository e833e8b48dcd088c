import { expect, it } from 'vitest'
import * as z from 'zod'
import { RunError } from '../src/errors.ts'
import { openRun } from '../src/open-run.ts'
import { describeParams, parseJson, renameParams, toSnakeCase } from '../src/params.ts'
import { spawnJob } from './spawn-job.ts'

it('renames params to camelCase, but nothing inside of them', () => {
  const inner = { keep_me: 1 }
  expect(renameParams({ run_date: 'a', x1_y: 'b', _private: 'c', inner_map: inner }, 'x')).toEqual({
    runDate: 'a',
    x1Y: 'b',
    _private: 'c',
    innerMap: inner,
  })
  expect(toSnakeCase('runDate')).toBe('run_date')
})

it('refuses two params of one name', () => {
  expect(() => renameParams({ run_date: 1, runDate: 2 }, '--params')).toThrow(
    /--params: two of them are named "runDate"/,
  )
})

it.each([
  '{"a": 9007199254740993}',
  '{"a": [1, -9007199254740992]}',
  '{"a": {"b": 123456789012345678901}}',
])('refuses the integer of %s, which JavaScript rounds', (text) => {
  expect(() => parseJson(text)).toThrow(/beyond 2\^53-1/)
})

it('takes the numbers that JavaScript has', () => {
  expect(parseJson('{"a": 9007199254740991, "b": 1e30, "c": 0.1}')).toEqual({
    a: Number.MAX_SAFE_INTEGER,
    b: 1e30,
    c: 0.1,
  })
})

const schema = z.strictObject({
  runDate: z.iso.date(),
  since: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional(),
  limit: z.number().int().default(10),
})

it('gives dates, defaults and camelCase names to the job', async () => {
  const argv = ['--params', '{"run_date": "2013-01-31", "since": "2013-01-31T12:00:00+01:00"}']
  const run = await openRun({ params: schema, camelCaseParams: true, env: {}, argv })
  expect(run.params).toEqual({
    runDate: '2013-01-31',
    since: new Date('2013-01-31T11:00:00Z'),
    limit: 10,
  })
})

it('describes params as who passes them sees them', () => {
  expect(describeParams(schema, true)).toMatchObject({
    type: 'object',
    properties: {
      run_date: { type: 'string', format: 'date' },
      since: { type: 'string', format: 'date-time' },
      limit: { type: 'integer', default: 10 },
    },
    required: ['run_date'],
    additionalProperties: false,
  })
})

it.each([
  ['a date that JSON has not', z.object({ at: z.date() }), /can't be written as JSON Schema/],
  [
    'a library without Standard JSON Schema',
    {
      '~standard': {
        version: 1 as const,
        vendor: 'own',
        validate: (value: unknown) => ({ value }),
      },
    },
    /\(own\) has no Standard JSON Schema/,
  ],
])('cannot describe %s', (_name, unclear, message) => {
  expect(() => describeParams(unclear, false)).toThrow(message)
  expect(() => describeParams(unclear, false)).toThrow(RunError)
})

it('prints the description for --describe and runs nothing', async () => {
  const { code, stdout, stderr } = await spawnJob(['--describe']).exit
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    protocol: 1,
    params: { type: 'object', required: ['mode'], properties: { mode: { type: 'string' } } },
  })
})
