import type { Progress } from '@prefect-ts/store'
import { formatBytes } from './datasets.ts'

const redrawMs = 100
const lineMs = 10_000
const barWidth = 24
const shortestTitle = 8

/** Shows how far a transfer is on stderr: a bar on a terminal; elsewhere a line every 10 s and one at the end. */
export function createProgressBar(title: string): {
  onProgress: (progress: Progress) => void
  end: () => void
} {
  const { stderr } = process
  const start = Date.now()
  let last: Progress | undefined
  let shown = stderr.isTTY ? 0 : start
  const show = (progress: Progress, isLast: boolean): void => {
    shown = Date.now()
    // A line that reaches the last column wraps, and "\r" then leads to its second half only.
    const room = stderr.isTTY ? (stderr.columns || 80) - 1 : Infinity
    const text = line(title, progress, start, room)
    stderr.write(stderr.isTTY ? `\r${text}\u001B[K${isLast ? '\n' : ''}` : `${text}\n`)
  }
  return {
    onProgress(progress) {
      last = progress
      if (Date.now() - shown >= (stderr.isTTY ? redrawMs : lineMs)) show(progress, false)
    },
    end() {
      if (last !== undefined) show(last, true)
    },
  }
}

/** What fits: first the rate gives way, then the sizes; the title is cut at its start. */
function line(title: string, { bytes, total }: Progress, start: number, room: number): string {
  const seconds = Math.max(Date.now() - start, 1) / 1000
  const rate = `${formatBytes(Math.round(bytes / seconds))}/s`
  const sizes =
    total === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(total)}`
  const facts = total === undefined ? [sizes, rate] : [bar(bytes, total), sizes, rate]
  while (facts.length > 1 && facts.join('  ').length > room) facts.pop()
  const text = facts.join('  ')
  const left = room - text.length - 2
  if (title.length <= left) return `${title}  ${text}`
  return left < shortestTitle ? text.slice(0, room) : `…${title.slice(1 - left)}  ${text}`
}

function bar(bytes: number, total: number): string {
  const part = total === 0 ? 1 : bytes / total
  const full = Math.round(part * barWidth)
  const percent = `${Math.floor(part * 100)} %`.padStart(5)
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${percent}`
}
