import { stripVTControlCharacters, styleText } from 'node:util'
import { maskSecrets } from '@prefect-ts/api'

/** Where a command's answer goes: tables with colour on a terminal, plain lines elsewhere, JSON when asked. */
export interface Output {
  /** Whether JSON was asked for. */
  readonly json: boolean
  /** Whether stdout is a terminal. */
  readonly isTerminal: boolean
  /** Columns of the terminal; elsewhere lines have no end. */
  readonly width: number
  /** Prints a value as JSON. */
  printJson(value: unknown): void
  /** Prints rows: on a terminal with a head and within its width, elsewhere separated by tabs, whole and without a head. */
  printTable(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void
  /** Prints one line. */
  print(line: string): void
  /** Prints text or bytes as they are; resolves when the reader has room for more. */
  write(chunk: string | Uint8Array): Promise<void>
  /** Says something about the work on stderr. */
  note(line: string): void
  /** Dresses text for the terminal; elsewhere it stays plain. */
  style(format: Style, text: string): string
}

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan'

export interface Column {
  readonly title: string
  /** Numbers stand at the right. */
  readonly right?: boolean | undefined
  /** Never cut, however narrow the terminal. */
  readonly whole?: boolean | undefined
}

/** A cell: text, or text with a style. */
export type Cell = string | { readonly text: string; readonly style: Style }

export interface OutputOptions {
  json: boolean
  color: boolean
}

const gap = 2
const between = ' '.repeat(gap)
const narrowest = 8

/** The output of this process. */
export function createOutput({ json, color }: OutputOptions): Output {
  const { stdout, stderr } = process
  const isTerminal = stdout.isTTY
  const colored = color && isTerminal && !process.env['NO_COLOR']
  const style = (format: Style, text: string): string =>
    colored ? styleText(format, text, { validateStream: false }) : text
  const print = (line: string): void => void stdout.write(`${line}\n`)

  return {
    json,
    isTerminal,
    width: isTerminal ? stdout.columns || 80 : Infinity,
    print: (line) => print(maskSecrets(line)),
    printJson: (value) =>
      print(maskSecrets(JSON.stringify(value, undefined, isTerminal ? 2 : undefined))),
    printTable(columns, rows) {
      const cells = rows.map((row) => row.map(toCell))
      if (!isTerminal) {
        for (const row of cells) print(maskSecrets(row.map(({ text }) => text).join('\t')))
        return
      }
      const widths = fit(columns, cells, stdout.columns || 80)
      const pad = (text: string, index: number): string => {
        const padded = align(text, widths[index], columns[index])
        return index === columns.length - 1 ? padded.trimEnd() : padded
      }
      print(style('bold', columns.map(({ title }, index) => pad(title, index)).join(between)))
      for (const row of cells) {
        const texts = row.map(({ text, style: format }, index) => {
          const padded = pad(maskSecrets(text), index)
          return format === undefined ? padded : style(format, padded)
        })
        print(texts.join(between))
      }
    },
    async write(chunk) {
      if (stdout.write(chunk)) return
      await new Promise<void>((resolve) => stdout.once('drain', resolve))
    },
    note: (line) => void stderr.write(`${maskSecrets(line)}\n`),
    style,
  }
}

function toCell(cell: Cell): { text: string; style: Style | undefined } {
  return typeof cell === 'string'
    ? { text: printable(cell), style: undefined }
    : { text: printable(cell.text), style: cell.style }
}

/** Text without what would move the cursor, break a line or colour the terminal: names come from others. */
export function printable(text: string): string {
  return text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => {
      const code = character.codePointAt(0) ?? 0
      return code < 256
        ? `\\x${code.toString(16).padStart(2, '0')}`
        : `\\u${code.toString(16).padStart(4, '0')}`
    },
  )
}

/** Columns that the text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const { segment } of new Intl.Segmenter().segment(stripVTControlCharacters(text))) {
    width +=
      /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6])/u.test(
        segment,
      )
        ? 2
        : 1
  }
  return width
}

/** Widths that fit the terminal: the widest columns give way first. */
function fit(
  columns: readonly Column[],
  rows: readonly (readonly { text: string }[])[],
  terminalWidth: number,
): number[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index]?.text ?? ''))),
  )
  const room = terminalWidth - gap * (columns.length - 1)
  for (;;) {
    const excess = widths.reduce((sum, width) => sum + width, 0) - room
    if (excess <= 0) return widths
    const flexible = widths.filter((width, index) => !columns[index]?.whole && width > narrowest)
    const widest = Math.max(...flexible)
    if (flexible.length === 0) return widths
    const next = Math.max(narrowest, ...flexible.filter((width) => width < widest))
    const index = widths.findIndex((width, place) => width === widest && !columns[place]?.whole)
    widths[index] = Math.max(next, widest - excess, narrowest)
    if (widths[index] === widest) widths[index] = widest - 1
  }
}

function align(text: string, width = 0, column: Column | undefined): string {
  const own = widthOf(text)
  if (own > width) {
    let kept = ''
    for (const { segment } of new Intl.Segmenter().segment(text)) {
      if (widthOf(kept + segment) > width - 1) break
      kept += segment
    }
    return `${kept}…${' '.repeat(Math.max(0, width - 1 - widthOf(kept)))}`
  }
  const space = ' '.repeat(width - own)
  return column?.right ? space + text : text + space
}
