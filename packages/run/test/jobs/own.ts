// A job for tests with a run of its own: its options come from JOB_OPTIONS, what it does from its params.
import { runJob, type RunJobOptions } from '@prefect-ts/run'
import { localAdapter } from '@prefect-ts/store-local'
import { setTimeout as sleep } from 'node:timers/promises'

const { resultBlock, storeResult, ...options } = JSON.parse(
  process.env['JOB_OPTIONS'] ?? '{}',
) as RunJobOptions & { resultBlock?: string; storeResult?: boolean }
const resultStorage = (resultBlock || storeResult) && {
  block: resultBlock,
  adapters: [localAdapter],
}
let attempts = 0

await runJob({ ...options, ...(resultStorage && { resultStorage }) }, async (run) => {
  const { mode, value } = run.params as { mode: string; value?: unknown }
  attempts += 1
  run.log.info(`attempt ${attempts}`)
  switch (mode) {
    case 'return':
      await run.artifact.markdown({ markdown: 'hello' })
      return value
    case 'large':
      return 'x'.repeat(100_000)
    case 'throw':
      throw new Error('it is broken')
    case 'flaky':
      if (attempts < 3) throw Object.assign(new Error('not yet'), { retryable: true })
      return { attempts }
    case 'wait':
      process.stdout.write('waiting\n')
      return sleep(60_000, undefined, { signal: run.signal })
    case 'stubborn':
      process.stdout.write('waiting\n')
      return sleep(60_000)
    default:
      throw new Error(`no mode ${mode}`)
  }
})
