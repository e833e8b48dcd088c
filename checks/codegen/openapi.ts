import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { generate } from './generate.ts'

const target = fileURLToPath(new URL('../../packages/api/src/generated.ts', import.meta.url))

const apiUrl = process.argv[2]
if (apiUrl === undefined) {
  console.error(
    'Usage: node checks/codegen/openapi.ts <apiUrl>, for example http://127.0.0.1:4200/api',
  )
  process.exitCode = 2
} else {
  const text = await generate(apiUrl)
  writeFileSync(target, text)
  console.log(`Wrote ${text.split('\n').length} lines to packages/api/src/generated.ts`)
}
