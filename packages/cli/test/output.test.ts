import { describe, expect, it } from 'vitest'
import { printable, widthOf } from '../src/output.ts'

describe('printable', () => {
  it.each([
    ['plain text, ümläuts and 日本', 'plain text, ümläuts and 日本'],
    ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['a\tb\nc\rd\u0007', 'a\\x09b\\x0ac\\x0dd\\x07'],
    ['\u009b2J', '\\x9b2J'],
    ['file\u202egpj.exe', 'file\\u202egpj.exe'],
  ])('%j', (text, expected) => {
    expect(printable(text)).toBe(expected)
  })
})

describe('widthOf', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['\u001b[1mbold\u001b[22m', 4],
  ])('%j', (text, expected) => {
    expect(widthOf(text)).toBe(expected)
  })
})
