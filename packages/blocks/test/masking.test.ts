import { format, inspect } from 'node:util'
import { maskSecrets } from '@prefect-ts/api'
import { expect, it } from 'vitest'
import type { AnyBlock, BlockDocument, BlockObject } from '../src/index.ts'
import { parseBlock } from '../src/index.ts'

const CANARY = 'canary-9f2c'
const parameters = { endpoint_url: 'http://127.0.0.1:9000' }
const aws = { aws_access_key_id: 'AKIA', aws_secret_access_key: `${CANARY}-aws` }
const minio = { minio_root_user: 'u', minio_root_password: `${CANARY}-minio` }

const sources: (BlockDocument | BlockObject)[] = [
  { type: 'secret', data: { value: `${CANARY}-text` } },
  { type: 'secret', data: { value: { user: 'u', deep: [{ password: `${CANARY}-deep` }] } } },
  { type: 'aws-credentials', data: { ...aws, aws_client_parameters: parameters } },
  { type: 'minio-credentials', data: minio },
  { type: 's3-bucket', data: { bucket_name: 'b', credentials: aws } },
  {
    type: 's3-bucket',
    data: { bucket_name: 'b', credentials: { type: 'minio-credentials', data: minio } },
  },
  {
    block_type: { slug: 'custom' },
    block_schema: { fields: { secret_fields: ['token', 'headers.*', 'settings'] } },
    data: {
      token: `${CANARY}-token`,
      headers: { 'x-key': `${CANARY}-header`, deep: { er: `${CANARY}-deeper` } },
      settings: { password: `${CANARY}-settings` },
    },
  },
]

const sinks: Record<string, (block: AnyBlock) => string> = {
  inspect: (block) => inspect(block, { depth: null, showHidden: true, getters: true }),
  json: (block) => JSON.stringify(block),
  template: (block) => leaves(block).reduce<string>((text, leaf) => `${text}${String(leaf)}`, ''),
  join: (block) => leaves(block).join(),
  keys: (block) =>
    leaves(block)
      .flatMap((leaf) => Reflect.ownKeys(Object(leaf)).map(String))
      .join(),
  spread: (block) => JSON.stringify(leaves(block).map((leaf) => ({ ...Object(leaf) }))),
  clone: (block) =>
    inspect(
      leaves(block).map((leaf) => structuredClone(leaf)),
      { depth: null },
    ),
  format: (block) => format('%s %o %O %j', block, block, block, block),
  error: (block) => inspect(new Error('failed', { cause: block })),
}

it.each(Object.keys(sinks))('shows no secret through %s', async (sink) => {
  for (const source of sources) {
    // oxlint-disable-next-line no-await-in-loop -- small parses
    const block = await parseBlock(source)
    expect(sinks[sink]?.(block)).not.toContain('canary')
  }
})

it('masks every loaded secret in text, also the strings inside a JSON value', async () => {
  await Promise.all(sources.map((source) => parseBlock(source)))
  const names = ['text', 'deep', 'aws', 'minio', 'token', 'header', 'deeper', 'settings']
  for (const name of names) expect(maskSecrets(`<${CANARY}-${name}>`)).not.toContain(CANARY)
})

it('shows no secret in errors', async () => {
  const broken: { type: string; data: object }[] = [
    { type: 's3-bucket', data: { bucket_name: 1, credentials: aws } },
    { type: 's3-bucket', data: { bucket_name: 'b', credentials: [CANARY] } },
    { type: 'aws-credentials', data: { ...aws, region_name: { [CANARY]: CANARY } } },
    { type: 'aws-credentials', data: { aws_secret_access_key: [CANARY] } },
    { type: 'minio-credentials', data: { ...minio, aws_client_parameters: CANARY } },
  ]
  for (const source of broken) {
    // oxlint-disable-next-line no-await-in-loop -- small parses
    const error: unknown = await parseBlock(source).catch((reason: unknown) => reason)
    expect(error).toHaveProperty('code', 'INVALID_DATA')
    const shown = inspect(error, { depth: null, showHidden: true }) + JSON.stringify(error)
    expect(shown).not.toContain('canary')
  }
})

/** Every value below a block, containers and leaves. */
function leaves(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value]
  const inner = Object.values(value)
  return inner.length === 0 ? [value] : inner.flatMap(leaves)
}
