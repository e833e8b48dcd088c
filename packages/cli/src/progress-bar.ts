import type { Progress } from '@prefect-ts/store'
import { formatBytes } from './datasets.ts'

const redrawMs = 100
const width = 24

/** Shows how far a transfer is on stderr: a bar on a terminal, one line at its end elsewhere. */
export function createProgressBar(title: string): {
  onProgress: (progress: Progress) => void
  end: () => void
} {
  const { stderr } = process
  const start = Date.now()
  let last: Progress = { bytes: 0, total: undefined }
  let drawn = 0
  const draw = (): void => void stderr.write(`\r${line(title, last, start)}\u001B[K`)
  return {
    onProgress(progress) {
      last = progress
      if (!stderr.isTTY || Date.now() - drawn < redrawMs) return
      drawn = Date.now()
      draw()
    },
    end() {
      if (stderr.isTTY) draw()
      else stderr.write(line(title, last, start))
      stderr.write('\n')
    },
  }
}

function line(title: string, { bytes, total }: Progress, start: number): string {
  const seconds = Math.max(Date.now() - start, 1) / 1000
  const rate = `${formatBytes(bytes / seconds)}/s`
  if (total === undefined) return `${title}  ${formatBytes(bytes)}  ${rate}`
  const part = total === 0 ? 1 : bytes / total
  const full = Math.round(part * width)
  const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`
  const percent = `${Math.floor(part * 100)} %`.padStart(5)
  return `${title}  ${bar} ${percent}  ${formatBytes(bytes)} of ${formatBytes(total)}  ${rate}`
}
