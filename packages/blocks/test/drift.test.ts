import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createClient, createSecret } from '@prefect-ts/api'
import { afterAll, expect, inject, it } from 'vitest'
import { describeDrift, registerBlockType } from '../src/index.ts'

const client = createClient({ apiUrl: inject('prefectApiUrl') })
afterAll(() => client.close())

it('names each field of a block that the schema of the server does not fit, without a value', async () => {
  const { drifts, text, block } = await describeDrift(
    {
      type: 's3-bucket',
      name: 'x',
      data: {
        bucket_name: 7,
        credentials: { type: 'gcp-credentials', data: {} },
        bucket_folder: null,
        canary: createSecret('canary-value'),
      },
    },
    { client },
  )
  expect(block).toBe('s3-bucket/x')
  expect(drifts).toEqual([
    { of: 'block', field: 'bucket_name', expected: 'string', found: 'a number' },
    {
      of: 'block',
      field: 'credentials',
      expected: 'block aws-credentials or minio-credentials',
      found: 'block gcp-credentials',
    },
    { of: 'block', field: 'bucket_folder', expected: 'string', found: 'null' },
    { of: 'block', field: 'canary', expected: 'nothing', found: 'a secret' },
  ])
  expect(text).toContain('bucket_name: the server says string; the block has a number')
  expect(text).not.toContain('canary-value')
})

it('looks into objects, lists and unions, and misses what is required', async () => {
  const info = { driver: 'sqlite+pysqlite', port: 'canary-port', query: { a: 1 } }
  const sql = await describeDrift(
    { type: 'sqlalchemy-connector', data: { connection_info: info } },
    { client },
  )
  expect(sql.drifts).toEqual([
    expect.objectContaining({ field: 'connection_info.port', expected: 'whole number' }),
    expect.objectContaining({ field: 'connection_info.query.a', expected: 'string' }),
  ])
  const shell = { type: 'shell-operation', data: { commands: ['a', 5], shell: 1 } }
  expect((await describeDrift(shell, { client })).drifts).toMatchObject([
    { field: 'commands.1', found: 'a number' },
    { field: 'shell', expected: 'string' },
  ])
  const webhook = await describeDrift({ type: 'webhook', data: { method: 'LOOK' } }, { client })
  expect(webhook.drifts).toMatchObject([
    { field: 'method', expected: expect.stringContaining('"GET" or "POST"') as string },
    { field: 'url', expected: 'secret, required', found: 'nothing' },
  ])
})

it('compares a custom type with its schema alone', async () => {
  const suffix = randomUUID().slice(0, 8)
  const slug = `drift-${suffix}`
  const definition = {
    className: `Drift${suffix}`,
    slug,
    fields: { host: { type: 'string' } },
  } as const
  const { typeId } = await registerBlockType(definition, { client })
  const report = await describeDrift({ type: slug, data: { hots: 'h' } }, { client })
  await client.delete('/block_types/{id}', { path: { id: typeId } })
  expect(report.knownVersion).toBeUndefined()
  expect(report.drifts).toEqual([
    { of: 'block', field: 'host', expected: 'string, required', found: 'nothing' },
    { of: 'block', field: 'hots', expected: 'nothing', found: 'a string' },
  ])
  const gone = describeDrift({ type: slug, data: {} }, { client })
  await expect(gone).rejects.toMatchObject({ name: 'BlockError', code: 'TYPE_NOT_FOUND' })
})

// No released server has a newer collection than the one the types come from.
it('says what a newer server knows of a type: new fields, fields gone, other kinds', async () => {
  const fields = {
    properties: {
      basepath: { position: 0, type: 'integer' },
      checksum: { position: 0, type: 'boolean', default: true },
    },
  }
  const server = createServer((request, response) => {
    const answer = request.url?.includes('block_schemas')
      ? [{ id: randomUUID(), version: '4.0.0', created: '2026-01-01T00:00:00Z', fields }]
      : { id: randomUUID(), slug: 'smb' }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = Object(server.address())
  const other = createClient({ apiUrl: `http://127.0.0.1:${port}/api` })
  const source = { type: 'local-file-system', data: { basepath: 'x', checksum: true } }
  const { drifts, serverVersion, knownVersion, text } = await describeDrift(source, {
    client: other,
  })
  await other.close()
  server.close()
  expect([serverVersion, knownVersion]).toEqual(['4.0.0', '3.8.8'])
  expect(drifts).toEqual([
    { of: 'type', field: 'basepath', expected: 'whole number', found: 'string or null' },
    { of: 'type', field: 'checksum', expected: 'boolean, default true', found: 'nothing' },
  ])
  expect(text).toContain(
    "differs from the server's schema (4.0.0), this package's type is of 3.8.8",
  )
})
