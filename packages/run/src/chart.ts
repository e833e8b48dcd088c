import type { ArtifactOptions } from './artifact.ts'

/** A chart: for each label a bar, or a point of a line. */
export interface ChartArtifact extends ArtifactOptions {
  /** Heading over the picture. */
  title?: string | undefined
  /** @default 'bar' */
  kind?: 'bar' | 'line' | undefined
  /** Names along the axis, in order; at most 200. */
  labels: readonly string[]
  /** One number a label; null, undefined and what is not finite leaves a gap. */
  values: readonly (number | null | undefined)[]
  /** Unit of the values, shown in the table. */
  unit?: string | undefined
}

const width = 720
const maxLabels = 200

/** A point of the drawing. */
interface Point {
  label: string
  value: number | undefined
}

/**
 * Draws a chart as Markdown. Both of Prefect's web pages show an SVG picture in a Markdown artifact when it is an image
 * with a `data:` address; raw SVG, Mermaid and scripts they drop. Throws `RangeError` for data that can't be drawn.
 */
export function drawChart(chart: Omit<ChartArtifact, keyof ArtifactOptions>): string {
  const { title, kind = 'bar', labels, values, unit = '' } = chart
  if (labels.length !== values.length) {
    throw new RangeError(`A chart of ${labels.length} labels has ${values.length} values`)
  }
  if (labels.length === 0 || labels.length > maxLabels) {
    throw new RangeError(`A chart takes 1 to ${maxLabels} labels; this one has ${labels.length}`)
  }
  const points = labels.map((label, index): Point => {
    const value = values[index]
    return { label, value: Number.isFinite(value) ? (value ?? undefined) : undefined }
  })
  const svg = kind === 'bar' ? drawBars(points) : drawLine(points)
  const picture = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
  const rows = points.map(
    ({ label, value }) => `| ${escapeCell(label)} | ${value === undefined ? '' : format(value)} |`,
  )
  return [
    ...(title === undefined ? [] : [`## ${title}`, '']),
    `![${escapeCell(title ?? 'chart').replaceAll(/[[\]]/g, '')}](${picture})`,
    '',
    `| | ${escapeCell(unit)} |`,
    '|---|---:|',
    ...rows,
  ].join('\n')
}

function drawBars(points: readonly Point[]): string {
  const row = 24
  const height = points.length * row + 16
  const left = 170
  const right = 80
  const scale = createScale(points, left, width - right)
  const zero = scale(0)
  const bars = points.map(({ label, value }, index) => {
    const y = 8 + index * row
    const name = text(left - 8, y + 16, shorten(label, 24), 'end')
    if (value === undefined) return name
    const x = scale(value)
    const bar = `<rect x="${fix(Math.min(x, zero))}" y="${y + 3}" width="${fix(Math.abs(x - zero))}" height="${row - 6}" rx="2" fill="#1860f2"/>`
    return name + bar + text(Math.max(x, zero) + 6, y + 16, format(value), 'start')
  })
  const axis = `<line x1="${fix(zero)}" y1="4" x2="${fix(zero)}" y2="${height - 4}" stroke="#98a2b3"/>`
  return frame(height, bars.join('') + axis)
}

function drawLine(points: readonly Point[]): string {
  const height = 280
  const [left, right, top, bottom] = [70, 20, 16, 44]
  const scale = createScale(points, height - bottom, top)
  const step = (width - left - right) / Math.max(points.length - 1, 1)
  let path = ''
  let dots = ''
  let pen = 'M'
  for (const [index, { value }] of points.entries()) {
    if (value === undefined) {
      pen = 'M'
      continue
    }
    const [x, y] = [fix(left + index * step), fix(scale(value))]
    path += `${pen}${x} ${y}`
    dots += `<circle cx="${x}" cy="${y}" r="3" fill="#1860f2"/>`
    pen = 'L'
  }
  const { low, high } = rangeOf(points)
  const marks = [...new Set([low, (low + high) / 2, high])].map((value) => {
    const y = fix(scale(value))
    return (
      `<line x1="${left}" y1="${y}" x2="${width - right}" y2="${y}" stroke="#e4e7ec"/>` +
      text(left - 8, scale(value) + 4, format(value), 'end')
    )
  })
  const every = Math.ceil(points.length / 8)
  const names = points.map(({ label }, index) =>
    index % every === 0
      ? text(left + index * step, height - bottom + 22, shorten(label, 11), 'middle')
      : '',
  )
  const line = `<path d="${path}" fill="none" stroke="#1860f2" stroke-width="2"/>`
  return frame(height, marks.join('') + names.join('') + line + dots)
}

/** Lowest and highest value, with zero among them: a bar that does not start at zero lies. */
function rangeOf(points: readonly Point[]): { low: number; high: number } {
  const values = points.flatMap(({ value }) => (value === undefined ? [] : [value]))
  const low = Math.min(0, ...values)
  const high = Math.max(0, ...values)
  return low === high ? { low, high: low + 1 } : { low, high }
}

function createScale(
  points: readonly Point[],
  from: number,
  to: number,
): (value: number) => number {
  const { low, high } = rangeOf(points)
  return (value) => from + ((value - low) / (high - low)) * (to - from)
}

function frame(height: number, content: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    // The pages have a light and a dark theme; the picture brings its own paper.
    `font-family="sans-serif" font-size="12"><rect width="${width}" height="${height}" fill="#fff"/>${content}</svg>`
  )
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${fix(x)}" y="${fix(y)}" text-anchor="${anchor}" fill="#344054">${escaped}</text>`
}

function escapeCell(content: string): string {
  return content.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;')
}

function shorten(label: string, limit: number): string {
  return label.length <= limit ? label : `${label.slice(0, limit - 1).toWellFormed()}…`
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 2 })
}

function fix(value: number): string {
  return String(Math.round(value * 10) / 10)
}
