import { expect, it } from 'vitest'
import { drawChart } from '../src/chart.ts'

function svgOf(markdown: string): string {
  const data = /\(data:image\/svg\+xml;base64,([^)]+)\)/.exec(markdown)?.[1] ?? ''
  return Buffer.from(data, 'base64').toString()
}

it('draws a bar a label, from zero, with the numbers below', () => {
  const markdown = drawChart({
    title: 'Delay',
    labels: ['AA', 'U|<A'],
    values: [10, -5],
    unit: 'min',
  })
  expect(markdown).toMatch(/^## Delay\n\n!\[Delay\]\(data:/)
  expect(markdown).toContain('| AA | 10 |\n| U\\|&lt;A | -5 |')
  const bars = [...svgOf(markdown).matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)]
  const [first, second] = bars.map(([, x, width]) => ({ x: Number(x), width: Number(width) }))
  expect(bars).toHaveLength(2)
  expect((first?.width ?? 0) / (second?.width ?? 0)).toBeCloseTo(2, 1)
  // The negative bar ends where the positive one starts.
  expect((second?.x ?? 0) + (second?.width ?? 0)).toBeCloseTo(first?.x ?? 0, 1)
  expect(svgOf(markdown)).toContain('U|&lt;A')
})

it('draws a line with a gap where there is no value', () => {
  const markdown = drawChart({
    kind: 'line',
    labels: ['a', 'b', 'c', 'd'],
    values: [1, 2, null, 4],
  })
  const svg = svgOf(markdown)
  expect(/<path d="([^"]+)"/.exec(svg)?.[1]?.match(/[ML]/g)?.join('')).toBe('MLM')
  expect(svg.match(/<circle/g)).toHaveLength(3)
  expect(markdown).toContain('| c |  |')
})

it.each([
  [['a'], [1, 2]],
  [[], []],
])('refuses labels %j with values %j', (labels, values) => {
  expect(() => drawChart({ labels, values })).toThrow(RangeError)
})

it('survives values that are not numbers', () => {
  const svg = svgOf(drawChart({ labels: ['a', 'b'], values: [Number.NaN, Infinity] }))
  expect(svg).not.toMatch(/NaN|Infinity|undefined/)
})
