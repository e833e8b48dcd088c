// Does as its params say: prints `lines`, writes `document` (or `text`) as the result, ends with `exitCode`.
import { writeFileSync, writeSync } from 'node:fs'

const { params, resultFile } = JSON.parse(process.env.PREFECT_TS_CONTEXT)
if (params.print) writeSync(1, params.print)
if (params.lines) {
  const block = `${'x'.repeat(params.lineLength ?? 90)}\n`.repeat(100)
  for (let index = 0; index < params.lines / 100; index += 1) {
    writeSync(index % 2 ? 2 : 1, block)
  }
}
if (params.size) params.document = { protocol: 1, ok: true, result: 'é'.repeat(params.size) }
if (params.document) writeFileSync(resultFile, JSON.stringify(params.document))
if (params.text !== undefined) writeFileSync(resultFile, params.text)
if (params.signal) process.kill(process.pid, params.signal)
process.exitCode = params.exitCode ?? 0
