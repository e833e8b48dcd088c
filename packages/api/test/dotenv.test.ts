import { expect, test } from 'vitest'
import { parseDotenv } from '../src/dotenv.ts'

const parse = (text: string, env: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(parseDotenv(text, env).variables)

// Each answer is python-dotenv 1.2.4's.
test.each([
  ['K=pa#ss', 'pa#ss'],
  ['K=pa #ss', 'pa'],
  ['K=#pass', '#pass'],
  ['K= #pass', ''],
  ['K="pa#ss" # comment', 'pa#ss'],
  ['K="a\\"b\\\\c\\n\\x"', 'a"b\\c\n\\x'],
  ["K='a\\'b\\n'", "a'b\\n"],
  ['K=a\\nb', 'a\\nb'],
  ['K=`a b`', '`a b`'],
  ['K="two\r\nlines"', 'two\nlines'],
  ['export K=1', '1'],
  ["'K' = 1", '1'],
  ['K=1\nK=2', '2'],
  ['\uFEFFK=1', '1'],
  ['K=a\u0085', 'a'],
])('%j', (text, value) => {
  expect(parse(text)).toEqual({ K: value })
})

test('${NAME} is what stands above, else a process variable, else its default, else nothing', () => {
  const text = "A=1\nB=${A}${HOST}${NO:-d}${NO}\nC='${B}'\nD=$A"
  const env = { HOST: 'h', A: 'not this' }
  expect(parse(text, env)).toEqual({ A: '1', B: '1hd', C: '1hd', D: '$A' })
})

test('what cannot be read is left out, and its line is told', () => {
  const { variables, unreadable } = parseDotenv("A=1\n\nB=\"open\nC=3\nD='x' y\nE: 5\nF", {})
  expect([...variables]).toEqual([
    ['A', '1'],
    ['C', '3'],
  ])
  expect(unreadable).toEqual([3, 5, 6])
})

test('a large file is read in time that grows with its size', () => {
  const start = performance.now()
  expect(parseDotenv('K="'.concat('a'.repeat(1_000_000), '"\n').repeat(3), {}).variables.size).toBe(
    1,
  )
  expect(parseDotenv('K=1\n'.repeat(200_000), {}).variables.size).toBe(1)
  expect(performance.now() - start).toBeLessThan(5_000)
})
