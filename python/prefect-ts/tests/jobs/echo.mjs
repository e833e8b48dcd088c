// Answers with what it was given: its context, its Prefect variables, its folder.
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

let context = JSON.parse(process.env.PREFECT_TS_CONTEXT)
let contextFile
if (context.file) {
  contextFile = { mode: (statSync(context.file).mode & 0o777).toString(8) }
  const { file } = context
  context = JSON.parse(readFileSync(file, 'utf8'))
  rmSync(file)
}
const folder = dirname(context.resultFile)
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => name.toUpperCase().startsWith('PREFECT_') && name !== 'PREFECT_TS_CONTEXT',
  ),
)
const result = {
  context,
  contextFile,
  env,
  user: process.env.USER_VARIABLE,
  argv: process.argv.slice(1),
  execArgv: process.execArgv,
  cwd: process.cwd(),
  parentProcessId: process.ppid,
  folderMode: (statSync(folder).mode & 0o777).toString(8),
}
writeFileSync(`${context.resultFile}.tmp`, JSON.stringify({ protocol: 1, ok: true, result }))
renameSync(`${context.resultFile}.tmp`, context.resultFile)
