import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createSecret, isSecret, maskSecrets } from '../src/index.ts'

const value = 'c4nary/+ü "quoted"'
const secret = createSecret(value)

test.each([
  ['template', () => `a ${secret as unknown as string}`],
  ['string', () => String(secret)],
  ['concatenation', () => ['', secret].join('')],
  ['JSON', () => JSON.stringify({ deep: [{ secret }] })],
  ['inspect', () => inspect({ deep: { er: [secret] } }, { depth: 9, showHidden: true })],
  ['inspect without its hook', () => inspect(secret, { customInspect: false, showHidden: true })],
  ['structured clone', () => inspect(structuredClone({ secret }), { depth: 9 })],
  ['own keys', () => JSON.stringify(Reflect.ownKeys(secret))],
  ['error', () => new Error(`bad ${String(secret)}`).stack ?? ''],
])('a secret does not show in %s', (_, render) => {
  expect(render()).not.toContain('c4nary')
})

test('it is ******** as text and in JSON, and itself by reveal()', () => {
  expect(String(secret)).toBe('********')
  expect(JSON.stringify([secret])).toBe('["********"]')
  expect(secret.reveal()).toBe(value)
})

test('equality is told without showing either', () => {
  expect(secret.equals(createSecret(value))).toBe(true)
  expect(secret.equals(createSecret('another'))).toBe(false)
})

test('isSecret knows secrets, also of another copy, and nothing else', () => {
  const ofAnotherCopy = { [Symbol.toStringTag]: 'Secret', reveal: () => 'x' }
  expect([secret, ofAnotherCopy].every(isSecret)).toBe(true)
  expect([undefined, null, '********', {}, { reveal: () => 'x' }].some(isSecret)).toBe(false)
})

test.each([
  ['raw', value],
  ['base64', Buffer.from(value).toString('base64')],
  ['base64url', Buffer.from(value).toString('base64url')],
  ['hex', Buffer.from(value).toString('hex')],
  ['upper-case hex', Buffer.from(value).toString('hex').toUpperCase()],
  ['URL-encoded', encodeURIComponent(value)],
  ['form-encoded', new URLSearchParams({ a: value }).toString().slice(2)],
  ['JSON-escaped', JSON.stringify(value).slice(1, -1)],
])('maskSecrets replaces the %s form', (_, form) => {
  expect(maskSecrets(`<${form}> and ${form}`)).toBe('<********> and ********')
})

test('of two secrets, one inside the other, the longer goes as a whole', () => {
  createSecret('abcdef-inner')
  createSecret('abcdef-inner-outer')
  expect(maskSecrets('abcdef-inner-outer abcdef-inner')).toBe('******** ********')
})

test('short values, numbers and words of JSON do not destroy texts', () => {
  for (const harmless of ['short', '', '20130101', '-1.5', 'true', 'null']) createSecret(harmless)
  expect(maskSecrets('short 20130101 -1.5 true null')).toBe('short 20130101 -1.5 true null')
})

test('a secret is text, not a pattern', () => {
  createSecret('a.*(b)[c]$&')
  expect(maskSecrets('a.*(b)[c]$& a--(b)')).toBe('******** a--(b)')
})

test('thousands of secrets, many alike: the same as one pattern of all, longest first', () => {
  let seed = 20_260_101
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const word = (length: number): string =>
    Array.from({ length }, () => 'abü'.charAt(random(3))).join('')
  const secrets = Array.from({ length: 3000 }, () => `§${word(5 + random(6))}`)
  for (const each of secrets) createSecret(each)
  const longestFirst = secrets.toSorted((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.join('|'), 'g')
  let masked = 0
  for (let count = 0; count < 2000; count += 1) {
    const text = Array.from({ length: 4 }, () => `§${word(random(14))}`).join('')
    const expected = text.replaceAll(pattern, '********')
    if (expected !== text) masked += 1
    expect(maskSecrets(text)).toBe(expected)
  }
  expect(masked).toBeGreaterThan(1000)
})

test('ten thousand secrets that begin alike, as tokens do, are all masked', () => {
  const tokens = Array.from(
    { length: 10_000 },
    (_, index) => `eyJhbGci-${'x'.repeat(index % 7)}${index}`,
  )
  const start = performance.now()
  for (const token of tokens) createSecret(token)
  // It was minutes.
  expect(performance.now() - start).toBeLessThan(20_000)
  for (const token of [tokens[0], tokens[5_000], tokens[9_999]]) {
    expect(maskSecrets(`<${token}>`)).toBe('<********>')
  }
})
