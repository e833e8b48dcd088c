// Says that it runs (writes its pid to params.pidFile) and waits for a minute; `stubborn` ignores SIGTERM.
import { renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const { params, resultFile, deployment } = JSON.parse(process.env.PREFECT_TS_CONTEXT)
const file = params.pidFile
if (params.stubborn) process.on('SIGTERM', () => {})
else if (params.endFile) {
  process.on('SIGTERM', () => {
    writeFileSync(params.endFile, 'SIGTERM')
    process.exit(143)
  })
}
writeFileSync(
  `${file}.tmp`,
  JSON.stringify({ pid: process.pid, folder: dirname(resultFile), deployment }),
)
renameSync(`${file}.tmp`, file)
setTimeout(() => {
  writeFileSync(resultFile, '{"protocol":1,"ok":true,"result":"waited"}')
}, params.waitMs ?? 60_000)
