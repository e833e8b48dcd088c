import { widthOf, type Output, type Style } from './output.ts'

/** What a check found. */
export interface Finding {
  /** `ok`, something to know, something to look at, something that will fail. */
  readonly status: 'ok' | 'info' | 'warning' | 'problem'
  /** What was looked at, in a word or two. */
  readonly subject: string
  /** What was found. */
  readonly message: string
  /** What to do about it. */
  readonly advice?: string | undefined
}

const marks: Record<Finding['status'], [mark: string, style: Style]> = {
  ok: ['✓', 'green'],
  info: ['·', 'dim'],
  warning: ['!', 'yellow'],
  problem: ['✗', 'red'],
}

/** Where the messages stand. */
const indent = 21

/** Prints a finding when it is there, so that a slow check shows what came before it. */
export function printFinding(output: Output, finding: Finding): void {
  if (output.json) return
  const { status, subject, message, advice } = finding
  const [mark, style] = marks[status]
  const [first = '', ...lines] = wrap(message, output.width - indent)
  output.print(`${output.style(style, mark)} ${output.style('bold', subject.padEnd(18))} ${first}`)
  for (const line of lines) output.print(`${' '.repeat(indent)}${line}`)
  if (advice === undefined) return
  for (const [index, line] of wrap(advice, output.width - indent - 2).entries()) {
    output.print(`${' '.repeat(indent)}${index === 0 ? '→' : ' '} ${line}`)
  }
}

/** Lines of at most that width, broken between words; a longer word stays whole. */
function wrap(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text]
  const lines: string[] = []
  for (const word of text.split(/ +/)) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(`${last} ${word}`) <= width) {
      lines[lines.length - 1] = `${last} ${word}`
    } else lines.push(word)
  }
  return lines
}
