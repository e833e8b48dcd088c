import { inspect } from 'node:util'
import { isSecret, maskSecrets } from '@prefect-ts/api'
import { expect, it } from 'vitest'
import { parseBlock } from '../src/index.ts'

it.each([
  ['database-credentials', { url: 'postgresql://me:canary-1@h/d' }, 'url'],
  ['sqlalchemy-connector', { connection_info: 'postgresql://me:canary-2@h/d' }, 'connection_info'],
  ['azure-blob-storage-credentials', { connection_string: 'Key=canary-3' }, 'connection_string'],
  ['remote-file-system', { basepath: 'sftp://me:canary-4@h/d' }, 'basepath'],
  ['github-repository', { repository_url: 'https://canary-5@h/d.git' }, 'repository_url'],
  ['custom-webhook', { name: 'n', url: 'https://me:canary-6@h/d' }, 'url'],
])('%s keeps %j as a Secret', async (type, data, field) => {
  const block = await parseBlock({ type, data } as { type: string; data: object })
  const value: unknown = Object(block.data)[field]
  if (!isSecret(value)) throw new Error('no secret')
  expect(value.reveal()).toBe(Object(data)[field])
  expect(inspect(block, { depth: null })).not.toContain('canary')
  expect(maskSecrets(`<${value.reveal()}>`)).toBe('<********>')
})

it('leaves URLs without credentials as they are', async () => {
  for (const basepath of [
    's3://bucket/x',
    'abfs://container@account.dfs.core.windows.net/x',
    'a:b@c',
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- small parses
    const block = await parseBlock({ type: 'remote-file-system', data: { basepath } })
    expect(block.data.basepath).toBe(basepath)
  }
  const url = 'https://github.com/willow/data.git'
  const block = await parseBlock({ type: 'github-repository', data: { repository_url: url } })
  expect(block.data.repository_url).toBe(url)
})

it('tells the secret settings of a remote file system by their names', async () => {
  const settings = {
    key: 'canary-key',
    secret: 'canary-secret',
    token: { client_secret: 'canary-token', none: null },
    account_key: 'canary-account',
    sas_token: 'canary-sas',
    password: 'canary-password',
    connection_string: 'canary-connection',
    client_kwargs: { endpoint_url: 'http://h:9000', aws_session_token: 'canary-session' },
    list: [{ passphrase: 'canary-phrase' }, 'http://me:canary-proxy@h'],
    use_token: true,
    anon: false,
    account_name: 'willow',
    port: 22,
    keep: null,
  }
  const source = { type: 'remote-file-system', data: { basepath: 'x://y', settings } } as const
  const { data } = await parseBlock(source)
  expect(JSON.stringify(data)).not.toContain('canary')
  expect(inspect(data, { depth: null })).not.toContain('canary')
  expect(data.settings).toMatchObject({
    client_kwargs: { endpoint_url: 'http://h:9000' },
    use_token: true,
    anon: false,
    account_name: 'willow',
    port: 22,
    keep: null,
  })
  const { key } = data.settings
  expect(isSecret(key) && key.reveal()).toBe('canary-key')
})
