import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readContext } from '../src/context.ts'
import { isRunError } from '../src/errors.ts'
import { temporaryFolder } from './spawn-job.ts'

interface ContextVector {
  name: string
  document: unknown
  valid: boolean
  code?: string
  message?: string
}

const { contexts } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../protocol/handover.vectors.json'), 'utf8'),
) as { contexts: ContextVector[] }

function outcome(document: unknown): string {
  try {
    readContext({ PREFECT_TS_CONTEXT: JSON.stringify(document) })
    return 'valid'
  } catch (error) {
    return isRunError(error) ? error.code : String(error)
  }
}

describe('protocol vectors', () => {
  it.each(contexts.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
    const result = outcome(vector.document)
    if (vector.valid) expect(result).toBe('valid')
    else expect(['INVALID_CONTEXT', 'UNSUPPORTED_PROTOCOL']).toContain(result)
  })
})

it('reads a context handed over as a file, once', () => {
  const file = join(temporaryFolder(), 'context.json')
  writeFileSync(
    file,
    JSON.stringify({ protocol: 1, params: { a: 1 }, resultFile: '/x/result.json' }),
  )
  const env = { PREFECT_TS_CONTEXT: JSON.stringify({ protocol: 1, file }) }
  expect(readContext(env)).toMatchObject({ params: { a: 1 }, timeZone: 'UTC' })
  expect(existsSync(file)).toBe(false)
})

it('is undefined without a flow', () => {
  expect(readContext({})).toBeUndefined()
})
