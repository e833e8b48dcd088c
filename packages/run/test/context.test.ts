import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readContext } from '../src/context.ts'
import { isRunError } from '../src/errors.ts'
import { temporaryFolder } from './spawn-job.ts'

interface ContextVector {
  name: string
  document: unknown
  outcome: string
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../protocol/handover.vectors.json'), 'utf8'),
) as { context: ContextVector[] }

function outcome(document: unknown): string {
  try {
    readContext({ PREFECT_TS_CONTEXT: JSON.stringify(document) })
    return 'ok'
  } catch (error) {
    if (!isRunError(error)) throw error
    return error.message.includes("can't be read") ? 'file' : error.code
  }
}

describe('protocol vectors', () => {
  it.each(vectors.context.map((vector) => [vector.name, vector] as const))(
    '%s',
    (_name, vector) => {
      expect(outcome(vector.document)).toBe(vector.outcome)
    },
  )
})

it('reads a context handed over as a file, once', () => {
  const file = join(temporaryFolder(), 'context.json')
  const whole = vectors.context.find((vector) => vector.outcome === 'ok')?.document
  writeFileSync(file, JSON.stringify({ ...(whole as object), params: { a: 1 } }))
  const env = { PREFECT_TS_CONTEXT: JSON.stringify({ protocol: 1, file }) }
  expect(readContext(env)).toMatchObject({ params: { a: 1 }, timeZone: 'UTC' })
  expect(existsSync(file)).toBe(false)
})

it('is undefined without a flow', () => {
  expect(readContext({})).toBeUndefined()
})
