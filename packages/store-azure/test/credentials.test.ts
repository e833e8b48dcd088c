import { inspect } from 'node:util'
import { AuthenticationError, CredentialUnavailableError } from '@azure/identity'
import { AccountSASPermissions, BlobServiceClient } from '@azure/storage-blob'
import { isStoreError, openStore } from '@prefect-ts/store'
import type { BlockLike, Store } from '@prefect-ts/store'
import { azureAdapter, createAzureStore } from '@prefect-ts/store-azure'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { azureConnectionString } from '../../../test/servers/azurite.ts'
import { startFaultProxy } from '../../../test/servers/fault-proxy.ts'
import type { FaultProxy } from '../../../test/servers/fault-proxy.ts'
import { trueTime } from '../../../test/true-time.ts'
import { azureError, failureOf } from '../src/azure-error.ts'
import { createContainer } from './container.ts'

let azure: FaultProxy
let connectionString: string
let container: string

beforeAll(async () => {
  azure = await startFaultProxy(inject('azureUrl'))
  connectionString = azureConnectionString(azure.url)
  container = await createContainer(connectionString)
})

afterEach(() => {
  vi.unstubAllEnvs()
  azure.seen.length = 0
  azure.plan = () => undefined
})

afterAll(() => azure.stop())

const open = (block: BlockLike): Promise<Store> => openStore(block, { adapters: [azureAdapter] })
const secret = <T>(value: T) => ({ reveal: () => value })

function blockOf(credentials: unknown): BlockLike {
  const data = { container_name: container, base_folder: 'f', credentials }
  return { type: 'azure-blob-storage-container', name: 'prod', data }
}

function remote(settings: object | null): BlockLike {
  return { type: 'remote-file-system', data: { basepath: `az://${container}/base`, settings } }
}

async function refusal(block: BlockLike): Promise<string> {
  const error: unknown = await open(block).catch((reason: unknown) => reason)
  if (!isStoreError(error, 'INVALID_CONFIG')) throw new Error(`not refused: ${String(error)}`)
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2')
  return error.message
}

/** A shared access signature for the account. */
function signature(): string {
  const client = BlobServiceClient.fromConnectionString(connectionString)
  const permissions = AccountSASPermissions.parse('rwdlc')
  return new URL(client.generateAccountSasUrl(undefined, permissions, 'sco')).search
}

describe('credentials of a block', () => {
  it.each([
    ['connection_string', () => ({ connection_string: connectionString })],
    ['a secret', () => ({ connection_string: secret(connectionString), account_url: null })],
    [
      'a nested block',
      () => ({ type: 'x', data: { connection_string: secret(connectionString) } }),
    ],
    [
      'a shared access signature',
      () => ({
        connection_string: `BlobEndpoint=${azure.url};SharedAccessSignature=${signature().slice(1)}`,
      }),
    ],
  ])('%s', async (_name, credentials) => {
    const store = await open(blockOf(credentials()))
    await store.put('k', 'x')
    expect(await new Response((await store.get('k'))?.body).text()).toBe('x')
    expect(store.locate('k')).toBe(`az://${container}/f/k`)
    expect(inspect(store, { depth: 10, showHidden: true })).not.toMatch(/AccountKey|sig=/)
  })

  it('a client of your own', async () => {
    const client = BlobServiceClient.fromConnectionString(connectionString)
    const store = createAzureStore({ client, container })
    expect(store.capabilities.signUrl).toBe(true)
    await store.put('own', 'x')
    expect((await store.head('own'))?.size).toBe(1)
    const signed = new BlobServiceClient(azure.url + signature())
    const limited = createAzureStore({ client: signed, container })
    expect(limited.capabilities.signUrl).toBe(false)
    expect((await limited.head('own'))?.size).toBe(1)
  })

  it('the URL of the account with a service principal or default credentials: https only', async () => {
    const principal = { client_id: 'c', tenant_id: 't', client_secret: secret('hunter2') }
    for (const more of [{}, principal]) {
      const https = { account_url: 'https://willow.blob.core.windows.net', ...more }
      expect((await open(blockOf(https))).capabilities.signUrl).toBe(false)
      const http = { account_url: 'http://willow.blob.core.windows.net', ...more }
      expect(await refusal(blockOf(http))).toMatch(/go to https only/)
    }
  })

  it('Microsoft Entra that can not be reached may be asked again', async () => {
    vi.stubEnv('AZURE_AUTHORITY_HOST', 'https://127.0.0.1:1/')
    const principal = { client_id: 'c', tenant_id: 't', client_secret: secret('hunter2') }
    const store = await open(blockOf({ account_url: 'https://127.0.0.1:1', ...principal }))
    const failure: unknown = await store.head('k').catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(String(failure)).toMatch(/no token of Microsoft Entra: endpoints_resolution_error/)
    expect(inspect(failure, { depth: 9 })).not.toContain('hunter2')
  })

  it('what Microsoft Entra refuses is no fault of the request', () => {
    const refused = new AuthenticationError(400, {
      error: 'invalid_client',
      error_description: 'AADSTS7000215: Invalid client secret provided.\nTrace ID: 1',
    })
    const error = azureError(failureOf(refused), 'Cannot read "k"')
    expect(error.code).toBe('ACCESS_DENIED')
    expect(error.message).toMatch(/Entra: invalid_client.*AADSTS7000215: Invalid client secret/)
    const busy = new AuthenticationError(503, 'try later')
    expect(azureError(failureOf(busy), 'Cannot read "k"').code).toBe('UNAVAILABLE')
    const none = new CredentialUnavailableError('no credentials are configured')
    expect(azureError(failureOf(none), 'Cannot read "k"').code).toBe('ACCESS_DENIED')
  })

  it.each([
    [{}, /need one of connection_string and account_url/],
    [{ connection_string: 'AccountKey=hunter2', account_url: 'https://x' }, /need one of/],
    [{ connection_string: 'hunter2' }, /has neither AccountName and AccountKey nor/],
    [{ connection_string: 'AccountKey=hunter2' }, /has neither AccountName/],
    [{ connection_string: 'SharedAccessSignature=hunter2' }, /has neither AccountName nor BlobEnd/],
    [
      { connection_string: 'AccountName=a;AccountKey=hunter2;BlobEndpoint=http://169.254.169.254' },
      /metadata address/,
    ],
    [{ connection_string: 'AccountName=a;AccountKey=hunter2;BlobEndpoint=x' }, /is no URL/],
    [{ account_url: 'https://169.254.169.254' }, /metadata address/],
    [{ account_url: 'https://x', client_id: 'c' }, /lack tenant_id and client_secret/],
    [
      { account_url: 'https://x', client_secret: secret('hunter2') },
      /lack client_id and tenant_id/,
    ],
    [
      { account_url: 'https://x', client_id: 'c', tenant_id: 't', client_secret: '' },
      /lack client_secret/,
    ],
    [
      {
        connection_string: 'AccountName=a;AccountKey=hunter2',
        client_id: 'c',
        tenant_id: 't',
        client_secret: 's',
      },
      /need account_url/,
    ],
    [{ connection_string: 5 }, /connection_string of credentials is no text/],
    [{ account_key: 'hunter2' }, /the field account_key of credentials is not supported/],
    [undefined, /it has no credentials/],
    ['hunter2', /credentials is no object/],
  ])('refuses %j', async (credentials, message) => {
    expect(await refusal(blockOf(credentials))).toMatch(message)
  })
})

describe('a remote-file-system block', () => {
  it('connection_string, also of the environment', async () => {
    const explicit = await open(remote({ connection_string: connectionString }))
    await explicit.put('k', 'x')
    vi.stubEnv('AZURE_STORAGE_CONNECTION_STRING', connectionString)
    expect((await (await open(remote(null))).head('k'))?.size).toBe(1)
  })

  it.each([
    ['a key', { account_key: 'a2V5' }, true],
    ['a shared access signature', { sas_token: '?sv=1&sig=x' }, false],
    ['a service principal', { client_id: 'c', tenant_id: 't', client_secret: 's' }, false],
    ['anonymous', { anon: true }, false],
    ['default credentials', {}, false],
  ])('account_name and %s', async (_name, more, canSign) => {
    const store = await open(
      remote({ account_name: 'willow', account_host: 'willow.test', ...more }),
    )
    expect(store.capabilities.signUrl).toBe(canSign)
  })

  it('account_name and its key of the environment', async () => {
    vi.stubEnv('AZURE_STORAGE_ACCOUNT_NAME', 'willow')
    vi.stubEnv('AZURE_STORAGE_ACCOUNT_KEY', 'a2V5')
    expect((await open(remote({}))).capabilities.signUrl).toBe(true)
  })

  it.each([
    [{}, /neither connection_string nor account_name/],
    [{ account_name: 'a', client_id: 'c' }, /lack tenant_id and client_secret/],
    [{ account_name: 'a', anon: 'no' }, /anon of its settings is neither true nor false/],
    [{ account_name: 'a', account_host: '169.254.169.254' }, /metadata address/],
    [{ credential: 'hunter2' }, /the field credential of its settings is not supported/],
    [{ location_mode: 'secondary' }, /location_mode/],
    [{ account_name: 7 }, /account_name of its settings is no text/],
  ])('refuses the settings %j', async (settings, message) => {
    expect(await refusal(remote(settings))).toMatch(message)
  })
})

describe('a store', () => {
  it.each([
    [{ container: 'Bad' }, /is not the name of a container/],
    [{ container: 'a--b' }, /is not the name of a container/],
    [{ container: 'data', folder: 'a/../b' }, /"\." or "\.\." segment/],
    [{ container: 'data', folder: 'a\\b' }, /turns/],
    [{ container: 'data', folder: 'a\0b' }, /NUL/],
    [{ container: 'data', accountUrl: 'https://x' }, /by one of client/],
  ])('refuses %j', (options, message) => {
    expect(() => createAzureStore({ connectionString, ...options })).toThrow(message)
  })

  it.each(['a\\b', 'x/../y', 'n'.repeat(1_020)])('refuses the key %j', async (key) => {
    const store = createAzureStore({ connectionString, container, folder: 'folder' })
    await expect(store.put(key, 'x')).rejects.toMatchObject({ code: 'INVALID_KEY', key })
    expect(azure.seen).toEqual([])
  })

  it('says that a container is not there', async () => {
    const store = createAzureStore({ connectionString, container: 'no-such-container' })
    const works = [
      () => store.get('k'),
      () => store.head('k'),
      () => store.put('k', 'x'),
      () => store.delete('k'),
      () => store.list()[Symbol.asyncIterator]().next(),
    ]
    for (const work of works) {
      await expect(work()).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining('the container no-such-container does not exist'),
      })
    }
  })

  it('shows no signature in its errors', async () => {
    const client = new BlobServiceClient(`${azure.url}?sv=2020-01-01&sig=hunter2`)
    const store = createAzureStore({ client, container })
    const error: unknown = await store.put('k', 'x').catch((reason: unknown) => reason)
    expect(isStoreError(error, 'ACCESS_DENIED')).toBe(true)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2')
  })
})

it('a clock that is 20 minutes before or behind is what the error tells of', async () => {
  azure.plan = ({ headers }) => {
    if (Math.abs(Date.parse(String(headers['x-ms-date'])) - trueTime()) < 900_000) return undefined
    const code = 'AuthenticationFailed'
    return {
      kind: 'answer',
      status: 403,
      headers: {
        date: new Date(trueTime()).toUTCString(),
        'x-ms-error-code': code,
        'content-type': 'application/xml',
      },
      body: `<Error><Code>${code}</Code><Message>Server failed to authenticate the request.</Message></Error>`,
    }
  }
  try {
    for (const [sign, said] of [
      [-1, /clock is 20 minutes behind the server's \(HTTP 403, AuthenticationFailed\)/],
      [1, /clock is 20 minutes ahead of the server's/],
    ] as const) {
      vi.useFakeTimers({ toFake: ['Date'], now: trueTime() + sign * 1_200_000 })
      const store = createAzureStore({ connectionString, container })
      for (const work of [
        () => store.head('k'),
        () => store.get('k'),
        () => store.put('k', 'x'),
        () => store.list()[Symbol.asyncIterator]().next(),
        () => store.delete('k'),
      ]) {
        const error: unknown = await Promise.resolve(work()).catch((reason: unknown) => reason)
        expect(error).toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringMatching(said) })
      }
    }
  } finally {
    vi.useRealTimers()
  }
})
