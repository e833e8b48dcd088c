import { blockModules, writeModules } from './blocks/modules.ts'

const apiUrl = process.argv[2]
if (apiUrl === undefined) {
  console.error(
    'Usage: node checks/codegen/blocks.ts <apiUrl>, for example http://127.0.0.1:4200/api',
  )
  process.exitCode = 2
} else {
  const files = await blockModules(apiUrl)
  writeModules(files)
  console.log(`Wrote ${files.size} files to packages/blocks/src/types and packages/blocks/src/zod`)
}
