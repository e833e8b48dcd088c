/** A generator of whole numbers below `n`, the same in every run. */
export function createRandom(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return (state >>> 8) % n
  }
}

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index))

const punctuation = [
  ...range(0x20, 0x2f),
  ...range(0x3a, 0x40),
  ...range(0x5b, 0x60),
  ...range(0x7b, 0x7e),
]
const control = [...range(0x01, 0x1f), '\x7f', '\x85', '\u2028']
const unicode =
  'é|e\u0301|ż|ß|İ|ı|ﬁ|日本|한|\u1112\u1161\u11ab|Å|\u212b|😀|👨‍👩‍👧|\u202e|\u200b|\ufeff|\uffff|\u{10ffff}'
    .concat('|\u{e000}|א|%2F|%00|..%2f')
    .split('|')

const special = [...punctuation, ...control, ...unicode]
  .filter((each) => each !== '/' && each !== '.' && each !== '~')
  .flatMap((each) => [each, `${each}a`, `a${each}b`, `a${each}`, `${each}/a`])
  .concat(
    'a. a.. .a ..a ... a~ a/~ 0123 __proto__ constructor 1e3 CON nul.txt C:\\x a\\..\\b -rf -- .git/config'
      .concat(' .prefectignore a.prefect-ts-tmp')
      .split(' '),
    ['x'.repeat(255), 'é'.repeat(127), '😀'.repeat(63), `${'d'.repeat(200)}/${'n'.repeat(255)}`],
    Array.from({ length: 60 }, (_, index) => `folder${index}`).join('/'),
  )

/** Every special character alone, at the start, inside and at the end of a name, and as a folder: more than 400 keys. */
export const corpus: readonly string[] = [...new Set(special)]

/** A key of one to four random names: of letters, of everything in the corpus, and now and then of any code point. */
export function randomKey(random: (n: number) => number): string {
  const pick = (from: readonly string[]): string => from[random(from.length)] ?? ''
  const letter = (): string => {
    const kind = random(12)
    if (kind < 6) return String.fromCharCode(97 + random(26))
    if (kind < 8) return pick(punctuation)
    if (kind < 9) return pick(control)
    if (kind < 11) return pick(unicode)
    const point = random(0x10ffff + 1)
    return point >= 0xd800 && point < 0xe000 ? 'x' : String.fromCodePoint(point)
  }
  const name = (): string => {
    const made = Array.from({ length: 1 + random(12) }, letter)
      .join('')
      .replaceAll(/[\0/]/g, '')
    return made === '' || made === '.' || made === '..' ? 'n' : made
  }
  const key = Array.from({ length: 1 + random(4) }, name).join(pick(['/', '/', '/', '//']))
  return key.startsWith('~') ? `_${key}` : key
}

/** A key that wants to leave the folder, by any way that a path, a URL, a shell or a symlink has. */
export function hostileKey(random: (n: number) => number, outside: string): string {
  const pick = (from: readonly string[]): string => from[random(from.length)] ?? ''
  const segments = [
    'a',
    'b',
    '..',
    '..',
    '..',
    '.',
    '',
    '~',
    '~root',
    'base',
    'base2',
    'secret',
    'new',
  ]
  segments.push(
    'out',
    'out',
    'in',
    'file',
    'loop',
    'dangling',
    'up',
    '...',
    '..\\..',
    '%2e%2e',
    '．．',
    'x\0',
    '\ud800',
  )
  segments.push('etc', 'passwd', 'C:', '.. ', ' ..', '..\u200b', '\u2025', '..;', '.prefectignore')
  const middle = Array.from({ length: 1 + random(5) }, () => pick(segments)).join('/')
  const starts = [
    '',
    '',
    '',
    '',
    '/',
    '//',
    './',
    '../',
    '~/',
    `${outside}/`,
    'in/../../',
    'out/../',
    'file://',
    '\\',
  ]
  return pick(starts) + middle + pick(['', '', '', '/', '/.', '/..'])
}
