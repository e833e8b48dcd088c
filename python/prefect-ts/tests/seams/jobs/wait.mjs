// A job of the built packages that waits until it is aborted.
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { runJob } from '../../../../../packages/run/dist/index.js'

await runJob({}, async (run) => {
  writeFileSync(run.params.begun, String(process.pid))
  await sleep(60_000, undefined, { signal: run.signal })
})
