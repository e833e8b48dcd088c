// node packages/api/test/compare/main.ts: writes the comparison with Prefect's client into the README.
import { readFileSync, writeFileSync } from 'node:fs'
import { renderComparison } from './compare.ts'

const readme = new URL('../../README.md', import.meta.url)
const text = readFileSync(readme, 'utf8')
const place = /(<!-- comparison -->\n)[\s\S]*?(\n<!-- \/comparison -->)/
const empty = text.replace('<!-- comparison -->\n<!--', '<!-- comparison -->\n\n<!--')
if (!place.test(empty)) throw new Error('README.md has no place for the comparison')
const table = await renderComparison()
writeFileSync(
  readme,
  empty.replace(place, (_, start: string, end: string) => start + table + end),
)
