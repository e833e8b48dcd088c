import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseIgnoreRules } from '../src/ignore-rules.ts'

const interpreter = join(import.meta.dirname, '../../../.venv/bin/python')

interface Sample {
  readonly rules: string
  readonly paths: readonly string[]
}

/** What pathspec, which Prefect's `filter_files` uses, ignores; `error` where it refuses the rules. */
function pathspec(samples: readonly Sample[]): readonly (string | readonly boolean[])[] {
  const script = `
import json, sys, pathspec
def answer(sample):
    lines = sample["rules"].splitlines(keepends=True)
    try:
        spec = pathspec.GitIgnoreSpec.from_lines(lines)
    except Exception:
        return "error"
    return [spec.match_file(path) for path in sample["paths"]]
json.dump([answer(sample) for sample in json.load(sys.stdin)], sys.stdout)`
  const input = JSON.stringify(samples)
  const output = execFileSync(interpreter, ['-W', 'ignore', '-c', script], { input })
  return JSON.parse(output.toString()) as (string | boolean[])[]
}

function ours({ rules, paths }: Sample): string | readonly boolean[] {
  let isIgnored
  try {
    isIgnored = parseIgnoreRules(rules, 'rules')
  } catch {
    return 'error'
  }
  return paths.map(isIgnored)
}

/** A generator of whole numbers below `n`, the same in every run. */
function createRandom(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return (state >>> 8) % n
  }
}

describe('parseIgnoreRules', () => {
  it('answers 60,000 random questions as Python does', () => {
    const random = createRandom(7)
    const pick = (from: readonly string[]): string => from[random(from.length)] ?? ''
    const bits = [
      'a',
      'b',
      '.py',
      '*',
      '**',
      '?',
      '[ab]',
      '[!a]',
      '[^b-]',
      '[]a]',
      '[a',
      '\\*',
      'é',
    ]
    const rule = (): string => {
      const segments = Array.from({ length: 1 + random(3) }, () =>
        Array.from({ length: random(8) === 0 ? 0 : 1 + random(2) }, () => pick(bits)).join(''),
      )
      return pick(['', '', '', '!', '/', '#', '!/']) + segments.join('/') + pick(['', '', '/', ' '])
    }
    const name = (): string =>
      Array.from({ length: 1 + random(2) }, () => pick(['a', 'b', '.py', '*', 'é', ']'])).join('')
    const samples = Array.from({ length: 3_000 }, () => ({
      rules: Array.from({ length: 1 + random(4) }, rule).join('\n'),
      paths: Array.from({ length: 20 }, () =>
        Array.from({ length: 1 + random(4) }, name).join('/'),
      ),
    }))
    const expected = pathspec(samples)
    const differing = samples.flatMap((sample, index) => {
      const own = JSON.stringify(ours(sample))
      const python = JSON.stringify(expected[index])
      return own === python ? [] : [{ ...sample, own, python }]
    })
    expect(differing).toEqual([])
    // Else the questions say nothing.
    const answers = expected.flat()
    expect(answers.filter((answer) => answer === true).length).toBeGreaterThan(5_000)
    expect(answers.filter((answer) => answer === false).length).toBeGreaterThan(5_000)
    expect(answers.filter((answer) => answer === 'error').length).toBeGreaterThan(10)
  })

  it('answers the documented examples of gitignore as Python does', () => {
    const rules = [
      '*.py',
      'sub/',
      '*\n!sub/deep/c.py',
      'doc/frotz/',
      '/top.txt',
      'a/**/b',
      '**/logs',
      'logs/**',
      '!important\r\nimportant\r\n',
      'trailing \t\n\\#hash\n\\!bang',
      '# comment\n\n   \n',
      '/',
      '!',
      '[z-a]',
      'ends\\',
      'line\u2028',
    ]
    const paths =
      'a.py sub/b.txt sub/deep/c.py doc/frotz/x a/doc/frotz/x top.txt x/top.txt a/b a/x/b'
        .concat(' a/x/y/b logs logs/x x/logs/y important trailing #hash !bang sub ends line z a')
        .split(' ')
    paths.push('line\nbreak.py', 'name\n', 'trailing ', 'line\u2028')
    const samples = rules.map((each) => ({ rules: each, paths }))
    expect(samples.map(ours)).toEqual(pathspec(samples))
  })

  it('names the file and line of a rule that is none', () => {
    expect(() => parseIgnoreRules('a\nb\\\n', '/x/.prefectignore')).toThrow(
      String.raw`/x/.prefectignore, line 2 is not an ignore rule: "b\\"`,
    )
  })

  it('keeps an escaped space at the end, which Python refuses in a file', () => {
    const isIgnored = parseIgnoreRules('name\\ \n', 'rules')
    expect([isIgnored('name '), isIgnored('name')]).toEqual([true, false])
  })
})
