// What 1,000 and 100,000 lines cost the job, to its last line sent; prints milliseconds of CPU.
import { runJob } from '@prefect-ts/run'
import { setTimeout as sleep } from 'node:timers/promises'

const count = Number(process.argv[2])
process.argv.length = 2
const state = { before: process.cpuUsage(), loop: 0 }

process.on('exit', () => {
  const { user, system } = process.cpuUsage(state.before)
  console.log(
    `${count} lines: calls ${state.loop.toFixed(1)} ms, CPU ${((user + system) / 1000).toFixed(1)} ms`,
  )
})

await runJob({}, async (run) => {
  // The first lines load what sends them, which is not the price of a line.
  run.log.info('warm')
  await sleep(1_500)
  state.before = process.cpuUsage()
  const start = performance.now()
  for (let index = 0; index < count; index += 1)
    run.log.info(`line ${index}`, { index, table: 'flights' })
  state.loop = performance.now() - start
})
