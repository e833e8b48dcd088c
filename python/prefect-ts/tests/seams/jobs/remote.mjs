// A job of the built packages that runs on "another machine": its result goes through a block.
import { runJob } from '../../../../../packages/run/dist/index.js'
import { localAdapter } from '../../../../../packages/store-local/dist/index.js'

const block = process.env.RESULT_BLOCK
const resultStorage = block && { block, adapters: [localAdapter] }

await runJob({ taskName: 'remote', ...(resultStorage && { resultStorage }) }, (run) => {
  const { fail, value } = run.params
  if (fail === 'down') throw Object.assign(new Error('the source is down'), { retryable: true })
  if (fail === 'bug') throw new Error('a [bug] in it')
  return value
})
