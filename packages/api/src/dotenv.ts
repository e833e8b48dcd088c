// `.env` files as python-dotenv 1.2 reads them, which is what Prefect does (decisions/005-dotenv.md).
// White space is Python's, not JavaScript's: \x1c-\x1f and \x85 belong to it, \uFEFF does not.

const blank = String.raw`[\t\v\f\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`
const space = `(?:\\n|${blank})`
const pattern = (source: string): RegExp => new RegExp(source, 'y')

const spaces = pattern(`${space}*`)
const blanks = pattern(`${blank}*`)
const exportWord = pattern(`(?:export${blank}+)?`)
const quotedKey = pattern("'([^']+)'")
const plainKey = pattern(`((?:(?!${space})[^=#])+)`)
const equalSign = pattern(`=${blank}*`)
const singleQuoted = pattern(String.raw`'((?:\\[^]|[^'\\])*)'`)
const doubleQuoted = pattern(String.raw`"((?:\\[^]|[^"\\])*)"`)
const restOfLine = pattern('([^\\n]*)')
const comment = pattern(`(?:${blank}*#[^\\n]*)?`)
const endOfLine = pattern(`${blank}*(?:\\n|$)`)
const trailingComment = new RegExp(`${blank}+#[^]*`)
const trailingSpace = new RegExp(`${blank}+$`)
const escapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** What a `.env` file holds. */
export interface DotenvFile {
  /** Variables with their values, `${NAME}` replaced. One that stands without `=` is not there. */
  readonly variables: ReadonlyMap<string, string>
  /** Lines, counted from 1, where something starts that cannot be read, such as a quote that is never closed. */
  readonly unreadable: readonly number[]
}

/** Reads the text of a `.env` file; `${NAME}` stands for the file's own variables, then for those of `env`. */
export function parseDotenv(text: string, env: NodeJS.ProcessEnv): DotenvFile {
  const scanner = new Scanner(text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n'))
  const variables = new Map<string, string | undefined>()
  const unreadable: number[] = []
  for (scanner.read(spaces); !scanner.ended; scanner.read(spaces)) {
    const start = scanner.position
    const binding = parseBinding(scanner)
    if (binding === 'unreadable') unreadable.push(scanner.lineOf(start))
    else if (binding !== undefined)
      variables.set(binding.name, expand(binding.value, variables, env))
  }
  const known = [...variables].filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { variables: new Map(known), unreadable }
}

interface Binding {
  name: string
  /** `undefined` when no `=` follows. */
  value: string | undefined
}

function parseBinding(scanner: Scanner): Binding | 'unreadable' | undefined {
  scanner.read(exportWord)
  let binding: Binding | undefined
  if (scanner.next !== '#') {
    const name = scanner.read(scanner.next === "'" ? quotedKey : plainKey)
    if (name === undefined) return scanner.skipLine()
    scanner.read(blanks)
    const value = scanner.next === '=' ? parseValue(scanner) : { text: undefined }
    if (value === undefined) return scanner.skipLine()
    binding = { name, value: value.text }
  }
  scanner.read(comment)
  return scanner.read(endOfLine) === undefined ? scanner.skipLine() : binding
}

function parseValue(scanner: Scanner): { text: string } | undefined {
  const sign = scanner.read(equalSign) ?? ''
  // `NAME= # text` is a comment, `NAME=#text` a value.
  if (sign.length > 1 && scanner.next === '#') return { text: '' }
  const quote = scanner.next
  if (quote !== "'" && quote !== '"') {
    const rest = scanner.read(restOfLine) ?? ''
    return { text: rest.replace(trailingComment, '').replace(trailingSpace, '') }
  }
  const inner = scanner.read(quote === '"' ? doubleQuoted : singleQuoted)
  if (inner === undefined) return undefined
  const escaped = quote === '"' ? /\\([\\'"abfnrtv])/g : /\\([\\'])/g
  return { text: inner.replaceAll(escaped, (_, letter: string) => escapes[letter] ?? letter) }
}

/** `${NAME}` and `${NAME:-default}`. */
function expand(
  value: string | undefined,
  variables: ReadonlyMap<string, string | undefined>,
  env: NodeJS.ProcessEnv,
): string | undefined {
  return value?.replaceAll(
    /\$\{([^}:]*)(?::-([^}]*))?\}/g,
    (_, name: string, otherwise: string | undefined) =>
      (variables.has(name) ? variables.get(name) : (env[name] ?? otherwise)) ?? '',
  )
}

class Scanner {
  position = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  get ended(): boolean {
    return this.position >= this.#text.length
  }

  get next(): string {
    return this.#text.charAt(this.position)
  }

  /** Line of a position, counted from 1. */
  lineOf(position: number): number {
    return this.#text.slice(0, position).split('\n').length
  }

  /** The first group of what stands here, or all of it; `undefined` when it does not. */
  read(what: RegExp): string | undefined {
    what.lastIndex = this.position
    const match = what.exec(this.#text)
    if (match === null) return undefined
    this.position = what.lastIndex
    return match[1] ?? match[0]
  }

  skipLine(): 'unreadable' {
    this.read(restOfLine)
    if (!this.ended) this.position += 1
    return 'unreadable'
  }
}
