import { readFileSync } from 'node:fs'
import { expect, inject, test } from 'vitest'
import { generate } from '../generate.ts'

test('the committed types are those of the live server', async () => {
  const file = new URL('../../../packages/api/src/generated.ts', import.meta.url)
  const committed = readFileSync(file, 'utf8')
  const current = await generate(inject('prefectApiUrl'))
  // One line instead of a diff of 10,000.
  expect(
    committed === current,
    'packages/api/src/generated.ts is not current: run node checks/codegen/openapi.ts <apiUrl>',
  ).toBe(true)
})

test('it holds all operations of Prefect 3.8.8, and nothing that runs', async () => {
  const text = await generate(inject('prefectApiUrl'))
  const pathsPart = text.slice(
    text.indexOf('interface paths'),
    text.indexOf('interface components'),
  )
  expect(pathsPart.match(/^ {8}(?:get|post|put|patch|delete): /gm)).toHaveLength(187)
  expect(text.match(/^export /gm)).toEqual(['export ', 'export ', 'export '])
  expect(text).not.toMatch(/^export (?!interface )/m)
})
