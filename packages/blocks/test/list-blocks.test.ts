import { randomUUID } from 'node:crypto'
import { createClient } from '@prefect-ts/api'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { BlockSummary, ListBlocksOptions } from '../src/index.ts'
import { isBlockError, listBlocks, loadBlock, saveBlock } from '../src/index.ts'

const prefix = `l${randomUUID().slice(0, 8)}`
const client = createClient({ apiUrl: inject('prefectApiUrl') })

beforeAll(async () => {
  for (const name of ['a', 'b', 'ab', 'c']) {
    // oxlint-disable no-await-in-loop -- SQLite takes one writer at a time
    const data = { value: `canary-${name}-listed` }
    await saveBlock({ type: 'secret', name: `${prefix}-${name}`, data }, { client })
    await saveBlock(
      { type: 'local-file-system', name: `${prefix}-${name}`, data: { basepath: '/srv' } },
      { client },
    )
    // oxlint-enable no-await-in-loop
  }
})

afterAll(() => client.close())

async function list(options: Omit<ListBlocksOptions, 'client'>): Promise<BlockSummary[]> {
  const found: BlockSummary[] = []
  for await (const summary of listBlocks({ client, ...options })) found.push(summary)
  return found
}

async function references(options: Omit<ListBlocksOptions, 'client'>): Promise<string[]> {
  return (await list(options)).map(({ reference }) => reference)
}

const of = (slug: string, ...names: string[]): string[] =>
  names.map((name) => `${slug}/${prefix}-${name}`)

it('lists by type, name pattern and capability, also page by page', async () => {
  const secrets = of('secret', 'a', 'ab', 'b', 'c')
  const files = of('local-file-system', 'a', 'ab', 'b', 'c')
  expect(await references({ name: `${prefix}-*` })).toEqual([...files, ...secrets])
  expect(await references({ name: `${prefix}-*`, pageSize: 3 })).toEqual([...files, ...secrets])
  expect(await references({ name: `${prefix}-*`, type: 'secret' })).toEqual(secrets)
  expect(await references({ name: `${prefix}-?`, type: ['secret'] })).toEqual(
    of('secret', 'a', 'b', 'c'),
  )
  expect(await references({ name: `${prefix}-b`, type: 'secret' })).toEqual(of('secret', 'b'))
  expect(await references({ name: `${prefix}-*`, capability: 'write-path' })).toEqual(files)
  expect(await references({ name: `${prefix}-*`, capability: ['write-path', 'no-such'] })).toEqual(
    [],
  )
  // "_" and "%" stand for themselves, though not to the server.
  expect(await references({ name: `${prefix}-_*` })).toEqual([])
  expect(await references({ name: `${prefix.toUpperCase()}-*` })).toEqual([])
})

it('tells what it is, and nothing of the data', async () => {
  const [first, ...others] = await list({ name: `${prefix}-a`, type: 'local-file-system' })
  expect(others).toEqual([])
  expect(first).toEqual({
    id: (await loadBlock(`local-file-system/${prefix}-a`, { client })).id,
    reference: `local-file-system/${prefix}-a`,
    type: 'local-file-system',
    name: `${prefix}-a`,
    capabilities: ['get-directory', 'put-directory', 'read-path', 'write-path'],
    updated: expect.any(Date),
  })
  expect(JSON.stringify(await list({}))).not.toContain('canary')
})

it('stops when the loop does, and when it is told to', async () => {
  for await (const { reference } of listBlocks({ client, name: `${prefix}-*`, pageSize: 1 })) {
    expect(reference).toBe(`local-file-system/${prefix}-a`)
    break
  }
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(list({ signal })).rejects.toThrow('enough')
})

it('knows an unknown type from one without blocks', async () => {
  const error: unknown = await list({ type: 'secrt' }).catch((reason: unknown) => reason)
  expect(isBlockError(error, 'TYPE_NOT_FOUND')).toBe(true)
  expect(String(error)).toContain('Near types: "secret"')
  // Other tests on this server save blocks of every type.
  expect(await list({ type: 'twilio-sms', name: 'nobody-has-this-name' })).toEqual([])
})
