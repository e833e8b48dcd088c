// A job for tests: what it does is named by its params.
import { runJob } from '@prefect-ts/run'
import { createSecret } from '@prefect-ts/api'
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
  ]),
  value: z.unknown().optional(),
  lines: z.number().int().optional(),
})

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
    case 'secret': {
      const secret = createSecret('canary-7f3a9c')
      run.log.info(`the key is ${secret.reveal()}`, { secret })
      throw new Error(`refused ${secret.reveal()}`)
    }
    default:
      return mode satisfies never
  }
})
