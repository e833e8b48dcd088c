import type { Output, Style } from './output.ts'

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

/** Prints a finding when it is there, so that a slow check shows what came before it. */
export function printFinding(output: Output, finding: Finding): void {
  if (output.json) return
  const { status, subject, message, advice } = finding
  const [mark, style] = marks[status]
  output.print(
    `${output.style(style, mark)} ${output.style('bold', subject.padEnd(18))} ${message}`,
  )
  if (advice !== undefined) output.print(`${' '.repeat(21)}→ ${advice}`)
}
