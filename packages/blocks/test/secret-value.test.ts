import { createSecret } from '@prefect-ts/api'
import { beforeAll, expect, it } from 'vitest'
import { parseBlock, secretValue } from '../src/index.ts'
import { runPython } from './python.ts'

/** What a `secret` block may hold: strings that look like JSON and do not, and JSON values. */
const stored: readonly unknown[] = [
  '',
  'plain',
  '123',
  '-123',
  '0',
  '-0',
  '01',
  '1.0',
  '1e3',
  '-1.5E-7',
  '1e400',
  'true',
  'True',
  'false',
  'null',
  'None',
  'NaN',
  'Infinity',
  '-Infinity',
  'nan',
  '[NaN, -Infinity]',
  '"NaN"',
  '"quoted"',
  '"broken',
  "'single'",
  '"a\\u00e9\\n"',
  '"\\ud834\\udd1e"',
  '"raw\ttab"',
  '\u00A0 1',
  ' 1 ',
  '\n\t{"a": 1}\r\n',
  '\uFEFF1',
  '{"a":1,"a":2}',
  '{"a":{"b":[1,{"c":null}]}}',
  '{"a":1,}',
  '[]',
  '{}',
  '[1,2',
  '12345678901234567890',
  '-9007199254740993',
  '9007199254740991',
  '{"big": 123456789012345678901234567890}',
  '1234567890123.5',
  '0x10',
  '+1',
  '1_000',
  '.5',
  '{"NaN": NaN, "x": "Infinity"}',
  '"\\"NaN\\""',
  '["\\\\", NaN]',
  '{"__proto__": 1}',
  '1 2',
  '5.',
  654_321,
  1.5,
  true,
  [1, 'x'],
  { a: [1, { b: null }] },
  { text: '123' },
  ['123'],
]

let python: string[]

beforeAll(async () => {
  python = await runPython('secret_get.py', [JSON.stringify(stored)])
}, 60_000)

it('is what Secret.get() of Python gives', async () => {
  expect(python).toHaveLength(stored.length)
  const ours: string[] = []
  for (const value of stored) {
    // oxlint-disable-next-line no-await-in-loop -- small parses
    const block = await parseBlock({ type: 'secret', data: { value } })
    ours.push(show(secretValue(block.data.value)))
  }
  const pairs = stored.map((value, index) => ({ value, get: ours[index] }))
  expect(pairs).toEqual(stored.map((value, index) => ({ value, get: python[index] })))
})

it('leaves the value as it was saved to reveal()', async () => {
  const block = await parseBlock({ type: 'secret', data: { value: ' 123 ' } })
  expect(block.data.value.reveal()).toBe(' 123 ')
  expect(secretValue(createSecret('canary-not-json {'))).toBe('canary-not-json {')
})

/** A form that both languages write alike: type and value. */
function show(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return `bool ${value}`
  if (typeof value === 'bigint') return `number ${value}`
  if (typeof value === 'number') return `number ${Object.is(value, -0) ? '-0' : value}`
  if (typeof value === 'string') return `string ${JSON.stringify(value)}`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  const entries = Object.entries(value as object)
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}: ${show(inner)}`).join(', ')}}`
}
