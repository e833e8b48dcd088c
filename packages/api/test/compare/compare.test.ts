import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderComparison } from './compare.ts'

test("the README's comparison with Prefect's client is current", { timeout: 120_000 }, async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  expect(readme).toContain(await renderComparison())
})
