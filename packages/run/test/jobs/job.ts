// A job for tests: what it does is named by its params.
import { runJob } from '@prefect-ts/run'
import { createSecret } from '@prefect-ts/api'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'

const params = z.strictObject({
  mode: z.enum([
    'return',
    'throw',
    'stray',
    'wait',
    'stubborn',
    'bigint',
    'logs',
    'forgets-a-timer',
    'exits',
    'busy',
    'secret',
    'busy-logs',
  ]),
  value: z.unknown().optional(),
  lines: z.number().int().optional(),
})

const data = Buffer.alloc(700_000)

await runJob({ params }, async (run) => {
  const { mode, value } = run.params
  switch (mode) {
    case 'return':
      run.log.info('hello', { value })
      return value
    case 'throw': {
      const cause = new Error('the cause')
      throw Object.assign(new Error('first line\n  second line', { cause }), {
        code: 'SOURCE_DOWN',
        retryable: true,
      })
    }
    case 'stray':
      setTimeout(() => {
        throw new Error('thrown where nobody awaits')
      }, 10)
      return sleep(60_000)
    case 'wait':
      process.stdout.write('waiting\n')
      return sleep(60_000, undefined, { signal: run.signal })
    case 'stubborn':
      process.stdout.write('waiting\n')
      return sleep(60_000)
    case 'bigint':
      return { big: 1n }
    case 'logs':
      for (let index = 0; index < (run.params.lines ?? 0); index += 1) {
        run.log.info(`line ${index}`, { index })
      }
      return run.params.lines
    case 'forgets-a-timer':
      setInterval(() => {}, 1_000)
      return 'done'
    case 'busy': {
      process.stdout.write('waiting\n')
      for (const end = Date.now() + 60_000; Date.now() < end;);
      return value
    }
    case 'exits':
      run.log.error('cannot go on')
      return process.exit(3)
    case 'busy-logs': {
      const lines = run.params.lines ?? 0
      const alone = await work(lines, () => {})
      const before = process.cpuUsage()
      await work(lines, (index) => run.log.info(`line ${index}`, { index, table: 'flights' }))
      // What is left is sent after the handler.
      process.on('exit', () => {
        const { user, system } = process.cpuUsage(before)
        process.stdout.write(JSON.stringify({ alone, withLogs: (user + system) / 1000 }))
      })
      return lines
    }
    case 'secret': {
      const secret = createSecret('canary-7f3a9c')
      run.log.info(`the key is ${secret.reveal()}`, { secret })
      throw new Error(`refused ${secret.reveal()}`)
    }
    default:
      return mode satisfies never
  }
})

/** Some 0.4 ms of computing for each line, with pauses as a job has them; the CPU milliseconds that it took. */
async function work(lines: number, log: (index: number) => void): Promise<number> {
  const before = process.cpuUsage()
  for (let index = 0; index < lines; index += 1) {
    createHash('sha256').update(data).digest()
    log(index)
    if (index % 100 === 0) await sleep(0)
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
