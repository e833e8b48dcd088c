import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createClient, createSecret, isApiError } from '@prefect-ts/api'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { BlockErrorCode, BlockObject } from '../src/index.ts'
import { BlockError, deleteBlock, findBlock, loadBlock, saveBlock } from '../src/index.ts'
import { runPython } from './python.ts'

const prefix = `t${randomUUID().slice(0, 8)}`
const client = createClient({ apiUrl: inject('prefectApiUrl') })
const options = { client }
const over = { client, overwrite: true }

afterAll(() => client.close())

const ours = (reference: string): string => `${reference}-ts`

/** A `secret` holds any JSON, which the type of its field does not say. */
const secretOf = (name: string, value: unknown): BlockObject => ({
  type: 'secret',
  name,
  data: { value },
})

/** What stands on the server, ids of saved blocks aside. */
async function stored(reference: string): Promise<{ data: object; references: object }> {
  const [slug = '', name = ''] = reference.split('/')
  const document = await client.get(
    '/block_types/slug/{slug}/block_documents/name/{block_document_name}',
    { path: { slug, block_document_name: name }, query: { include_secrets: true } },
  )
  const references = Object.entries(document.block_document_references ?? {})
  return {
    data: document.data ?? {},
    references: Object.fromEntries(
      references.map(([field, { block_document: saved }]) => [field, Object(saved).name]),
    ),
  }
}

describe('data that JSON would change', () => {
  const self: Record<string, unknown> = {}
  self['self'] = self
  it.each<[string, unknown, string]>([
    ['a Date', new Date(0), 'field "value.x" is a Date, which JSON can\'t hold'],
    ['a Map', new Map([['a', 1]]), 'field "value.x" is a Map, which JSON can\'t hold'],
    ['bytes', Uint8Array.of(1), 'field "value.x" is a Uint8Array, which JSON can\'t hold'],
    ['a function', () => 1, 'field "value.x" is a function, which JSON can\'t hold'],
    ['NaN', Number.NaN, 'field "value.x" is a number that is not finite'],
    ['half a pair', '\ud800', 'field "value.x" holds half a surrogate pair'],
    ['itself', self, 'field "value.x.self" holds itself'],
  ])('%s is refused, and nothing is saved', async (_, x, says) => {
    const name = `${prefix}-lost`
    const call = saveBlock(secretOf(name, { x }), options)
    await expect(call).rejects.toMatchObject({ code: 'INVALID_DATA' })
    await expect(call).rejects.toThrow(says)
    expect(await findBlock(`secret/${name}`, options)).toBeUndefined()
  })

  it('keeps fields with the names of what objects inherit, and the last of two savers whole', async () => {
    const name = `${prefix}-odd`
    const value: object = { constructor: 'x', toString: { a: 1 } }
    await saveBlock(secretOf(name, value), over)
    const stands = async (): Promise<string> =>
      (await loadBlock(`secret/${name}`, options)).data.value.reveal()
    expect(await stands()).toBe(JSON.stringify(value))
    const both = [1, 2].map((saver) => ({ saver, list: Array.from({ length: 500 }, () => saver) }))
    await Promise.all(both.map((one) => saveBlock(secretOf(name, one), over)))
    expect(both).toContainEqual(JSON.parse(await stands()))
  })
})

describe('blocks of real Python classes', () => {
  const privateKey = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey
  const env = { TEST_PRIVATE_KEY: privateKey }
  let saved: Record<string, object> = {}
  let loaded: Record<string, object> = {}

  beforeAll(async () => {
    saved = await runPython('real_blocks.py', ['save', prefix], env)
    for (const reference of Object.keys(saved)) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as a job would
      const { type, data } = await loadBlock(reference, options)
      // oxlint-disable-next-line no-await-in-loop
      await saveBlock({ type, name: ours(reference).split('/')[1], data }, options)
    }
    const references = Object.keys(saved).map(ours)
    loaded = await runPython('real_blocks.py', ['load', prefix, ...references], env)
  }, 240_000)

  it('are many', () => {
    expect(
      new Set(Object.keys(saved).map((reference) => reference.split('/')[0])).size,
    ).toBeGreaterThan(19)
  })

  it('come back to Python as they were', () => {
    for (const [reference, block] of Object.entries(saved)) {
      expect({ reference, block: loaded[ours(reference)] }).toEqual({ reference, block })
    }
  })

  it('keep their references', async () => {
    const bucket = await stored(`s3-bucket/${prefix}-bucket-by-reference-ts`)
    expect(bucket.references).toEqual({ credentials: `${prefix}-aws` })
  })

  it('stand on the server as Python had saved them', async () => {
    for (const reference of Object.keys(saved)) {
      // oxlint-disable-next-line no-await-in-loop
      const [theirs, now] = [await stored(reference), await stored(ours(reference))]
      expect({ reference, data: now.data }).toEqual({ reference, data: theirs.data })
    }
  })
})

describe('blocks made here', () => {
  it('saves and loads, secrets given as text or as Secret', async () => {
    const name = `${prefix}-aws-made`
    const data = { aws_access_key_id: 'AKIA', aws_secret_access_key: 'canary-made-here' }
    const block = await saveBlock({ type: 'aws-credentials', name, data }, options)
    expect(block.data.aws_secret_access_key?.reveal()).toBe('canary-made-here')
    expect(await loadBlock(`aws-credentials/${name}`, options)).toEqual(block)
    const again = { ...data, aws_secret_access_key: createSecret('canary-as-secret') }
    await saveBlock({ type: 'aws-credentials', name, data: again }, over)
    const loaded = await loadBlock(`aws-credentials/${name}`, options)
    expect(loaded.data.aws_secret_access_key?.reveal()).toBe('canary-as-secret')
  })

  it('saves a nested block with an id as a reference, any other with its data', async () => {
    const credentials = await saveBlock(
      {
        type: 'minio-credentials',
        name: `${prefix}-nested`,
        data: { minio_root_user: 'me', minio_root_password: 'canary-nested' },
      },
      options,
    )
    const name = `${prefix}-by-reference`
    await saveBlock({ type: 's3-bucket', name, data: { bucket_name: 'b', credentials } }, options)
    const { references } = await stored(`s3-bucket/${name}`)
    expect(references).toEqual({ credentials: `${prefix}-nested` })

    const { type, data } = credentials
    const inline = { bucket_name: 'b', credentials: { type, data } }
    await saveBlock({ type: 's3-bucket', name, data: inline }, over)
    const now = await stored(`s3-bucket/${name}`)
    expect(now.references).toEqual({})
    expect(now.data).toMatchObject({
      credentials: { block_type_slug: 'minio-credentials', minio_root_password: 'canary-nested' },
    })
  })

  it('keeps the fields and references that an overwrite does not give', async () => {
    const name = `${prefix}-partly`
    const credentials = await saveBlock(
      {
        type: 'aws-credentials',
        name: `${prefix}-kept`,
        data: { aws_secret_access_key: 'canary-kept' },
      },
      options,
    )
    const data = { bucket_name: 'b', bucket_folder: 'a', credentials, of_a_newer_version: 1 }
    const first = await saveBlock({ type: 's3-bucket', name, data }, options)
    const change = { type: 's3-bucket', name, data: { bucket_folder: 'x' } } as const
    const second = await saveBlock(change, over)
    expect(second.id).toBe(first.id)
    const loaded = await loadBlock(`s3-bucket/${name}`, options)
    expect(loaded).toEqual(second)
    expect(loaded.data).toEqual({ ...first.data, bucket_folder: 'x' })
    expect(loaded.data.credentials.id).toBe(credentials.id)
  })

  it('never writes ******** over a secret', async () => {
    const name = `${prefix}-hidden`
    const hidden = '********'
    const data = { aws_secret_access_key: 'canary-hidden', region_name: 'a' }
    await saveBlock({ type: 'aws-credentials', name, data }, options)
    const change = { aws_secret_access_key: hidden, region_name: 'b' }
    await saveBlock({ type: 'aws-credentials', name, data: change }, over)
    const loaded = await loadBlock(`aws-credentials/${name}`, options)
    expect(loaded.data.aws_secret_access_key?.reveal()).toBe('canary-hidden')
    expect(loaded.data.region_name).toBe('b')

    // The server does not see these itself: a JSON value, and a block within a block.
    const value = { user: 'u', deep: [{ password: 'canary-deep' }] }
    await saveJson(`${name}-json`, value)
    await saveJson(`${name}-json`, { user: 'v', deep: [{ password: hidden }] })
    const json = await loadBlock(`secret/${name}-json`, options)
    expect(json.data.value.reveal()).toBe('{"user":"v","deep":[{"password":"canary-deep"}]}')

    const inline = { type: 'aws-credentials', data } as const
    const bucket = {
      type: 's3-bucket',
      name,
      data: { bucket_name: 'b', credentials: inline },
    } as const
    await saveBlock(bucket, options)
    const credentials = { type: 'aws-credentials', data: change } as const
    await saveBlock({ ...bucket, data: { credentials } }, over)
    expect((await stored(`s3-bucket/${name}`)).data).toMatchObject({
      credentials: { aws_secret_access_key: 'canary-hidden', region_name: 'b' },
    })

    const fresh = { type: 'aws-credentials', name: `${name}-new`, data: change } as const
    const error = await failure(saveBlock(fresh, over), 'OBFUSCATED')
    expect(error.message).toContain('"aws_secret_access_key"')
    expect(await findBlock(`aws-credentials/${name}-new`, options)).toBeUndefined()
  })

  it('lets one of many creators win, and all of many overwriters', async () => {
    const indexes = Array.from({ length: 4 }, (_, index) => index)
    const first = await Promise.allSettled(
      indexes.map((index) => make(index, false, `${prefix}-race`)),
    )
    const lost = first.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    expect(lost.map((error: BlockError) => error.code)).toEqual(Array(3).fill('ALREADY_EXISTS'))
    expect(String(lost[0])).toContain('pass overwrite: true')
    await Promise.all(indexes.map((index) => make(index, true, `${prefix}-race-over`)))
    const { basepath } = (await loadBlock(`local-file-system/${prefix}-race-over`, options)).data
    expect(basepath).toMatch(/^\/[0-3]$/)
    // SQLite has one writer: the server answers 503 to the others, and the client waits.
  }, 60_000)

  it('deletes, twice as well as once', async () => {
    const reference = `local-file-system/${prefix}-gone`
    await saveBlock({ type: 'local-file-system', name: `${prefix}-gone`, data: {} }, options)
    await deleteBlock(reference, options)
    expect(await findBlock(reference, options)).toBeUndefined()
    await deleteBlock(reference, options)
    await deleteBlock('no-such-type/x', options)
    await failure(deleteBlock('no-slash', options), 'INVALID_NAME')
  })
})

describe('what cannot be saved', () => {
  const name = `${prefix}-refused`

  it('says why', async () => {
    const type = await failure(
      saveBlock({ type: 's3-buckt', name, data: {} }, options),
      'TYPE_NOT_FOUND',
    )
    expect(type.message).toContain('Near types: "s3-bucket"')
    const data = { bucket_name: 5 } as never
    const shape = await failure(
      saveBlock({ type: 's3-bucket', name, data }, options),
      'INVALID_DATA',
    )
    expect(shape.message).toContain('"bucket_name" should be a string, found a number')
    const other = { type: 'secret', data: { value: 'canary-other-type' } }
    await failure(
      saveBlock(
        { type: 's3-bucket', name, data: { bucket_name: 'b', credentials: other } as never },
        options,
      ),
      'INVALID_DATA',
    )
    await failure(saveBlock({ type: 'secret', data: { value: 'x' } }, options), 'INVALID_NAME')
    expect(await findBlock(`s3-bucket/${name}`, options)).toBeUndefined()
  })

  it('passes on what the server says, without what it was sent', async () => {
    const data = { value: 'canary-refused-by-server' }
    const error = await failure(
      saveBlock({ type: 'secret', name: 'Upper_Case', data }, options),
      'REJECTED',
    )
    expect(error.message).toContain('lowercase')
    expect(JSON.stringify(error) + error.stack + String(error.cause)).not.toContain('canary')
    const dangling = {
      type: 'aws-credentials',
      name: 'x',
      id: randomUUID(),
      data: {},
    }
    const unknown = { bucket_name: 'b', credentials: dangling } as never
    await failure(saveBlock({ type: 's3-bucket', name, data: unknown }, options), 'REJECTED')
    await failure(saveBlock({ type: 's3-bucket', name, data: unknown }, over), 'REJECTED')
  })

  it('is what the client cannot send', async () => {
    const down = createClient({ apiUrl: 'http://127.0.0.1:9/api', maxRetries: 0 })
    const block = { type: 'secret', name, data: { value: 'x' } } as const
    const refused: unknown = await saveBlock(block, { client: down }).catch(
      (reason: unknown) => reason,
    )
    await down.close()
    expect(isApiError(refused, 'CONNECTION_FAILED')).toBe(true)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(saveBlock(block, { client, signal })).rejects.toThrow('enough')
  })
})

async function saveJson(name: string, value: unknown): Promise<void> {
  await saveBlock({ type: 'secret', name, data: { value } as never }, over)
}

function make(index: number, overwrite: boolean, name: string): Promise<unknown> {
  const data = { basepath: `/${index}` }
  return saveBlock({ type: 'local-file-system', name, data }, { client, overwrite })
}

async function failure(call: Promise<unknown>, code: BlockErrorCode): Promise<BlockError> {
  const error: unknown = await call.then(
    () => 'no error',
    (reason: unknown) => reason,
  )
  if (!(error instanceof BlockError)) throw error
  expect(error.code).toBe(code)
  return error
}
