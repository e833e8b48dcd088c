// A job of the built packages that does as its params say.
import { writeFileSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDataset, writeDataset } from '../../../../../packages/dataset/dist/index.js'
import { runJob } from '../../../../../packages/run/dist/index.js'
import { localAdapter } from '../../../../../packages/store-local/dist/index.js'

/** Tells the test that the work is under way. */
function begin({ params }) {
  if (params.begun) writeFileSync(params.begun, String(process.pid))
}

async function* chunks(run, pauseMs, started) {
  for (let count = 0; ; count += 1) {
    if (count === started) begin(run)
    yield Buffer.alloc(300_000, count)
    await sleep(pauseMs)
  }
}

async function stream(run, options) {
  const store = await run.openStore(run.params.block, { adapters: [localAdapter] })
  const dataset = createDataset({
    name: run.params.dataset,
    format: 'bin',
    rundate: '2013-01-01',
    rundateType: 'specific',
  })
  await writeDataset(store, dataset, chunks(run, run.params.pauseMs ?? 5, 3), options)
}

const modes = {
  answer: ({ params }) => params.value,
  text: ({ params }) => 'é'.repeat(params.length),
  log(run) {
    const levels = ['debug', 'info', 'warning', 'error', 'critical']
    for (let index = 0; index < run.params.lines; index += 1) {
      run.log[levels[index % levels.length]](`line ${index}`)
    }
    return run.params.lines
  },
  print({ params }) {
    const line = 'x'.repeat(params.width ?? 80)
    for (let index = 0; index < params.lines; index += 1) {
      if (index % 2) console.error(line)
      else console.log(line)
    }
    return params.lines
  },
  /** What it knows of its password, by every way out. */
  async leak(run) {
    const pair = process.env.PREFECT_API_AUTH_STRING
    const canaries = `${pair} ${pair.split(':')[1]} ${Buffer.from(pair).toString('base64')}`
    const { data } = await run.loadBlock(run.params.block)
    run.log.info(`loaded ${data.basepath}`)
    run.log.warning(`settings ${canaries}`, { env: process.env, settings: run.client.settings })
    await run.artifact.markdown({ markdown: `artifact ${canaries}` })
    if (run.params.how === 'throw') throw new Error(`refused ${canaries}`, { cause: canaries })
    if (run.params.how === 'exit') {
      writeSync(2, `printed ${canaries}\n`)
      process.exit(7)
    }
    return data.basepath
  },
  async wait(run) {
    begin(run)
    await sleep(60_000, undefined, { signal: run.signal })
  },
  async stubborn(run) {
    begin(run)
    await sleep(60_000)
  },
  /** Never gives the event loop a turn: neither signals nor timers reach it. */
  busy(run) {
    begin(run)
    const end = Date.now() + 60_000
    while (Date.now() < end);
  },
  stream: (run) => stream(run, { signal: run.signal }),
  /** Hangs between two chunks. */
  stalled: (run) => (
    Object.assign(run.params, { pauseMs: 500 }),
    stream(run, { signal: run.signal })
  ),
  /** Forgets to pass the signal on. */
  deaf: (run) => stream(run, {}),
}

await runJob({}, (run) => modes[run.params.mode](run))
