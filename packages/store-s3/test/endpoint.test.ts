import type * as Dns from 'node:dns'
import { createS3Store } from '@prefect-ts/store-s3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { s3Keys } from '../../../test/servers/moto.ts'
import { startRecorder } from './recorder.ts'
import type { Recorder } from './recorder.ts'

// A name server that leads a harmless name to where a machine hands out its own credentials, another to two addresses.
vi.mock('node:dns', async (load) => {
  const dns = await load<typeof Dns>()
  const lookup = (name: string, options: object, done: (...answer: unknown[]) => void): void => {
    if (name === 'two.test') {
      const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }))
      return done(null, addresses)
    }
    if (name !== 'harmless.test') return dns.lookup(name, options as never, done as never)
    const address = '169.254.169.254'
    if ('all' in options && options.all === true) done(null, [{ address, family: 4 }])
    else done(null, address, 4)
  }
  return { ...dns, default: dns, lookup }
})

const place = { bucket: 'b', region: 'us-east-1', credentials: s3Keys, stallTimeoutMs: 3_000 }

it('a name that leads to a metadata address is refused when it is looked up', async () => {
  const store = createS3Store({ ...place, endpoint: 'https://harmless.test' })
  await expect(store.head('k')).rejects.toThrow(/harmless\.test leads to 169\.254\.169\.254/)
  await expect(store.head('k')).rejects.toMatchObject({ code: 'INVALID_CONFIG' })
})

it.each(['127.0.0.1', 'two.test'])(
  'an endpoint where nothing listens is named: %s',
  async (host) => {
    const store = createS3Store({ ...place, endpoint: `http://${host}:1` })
    await expect(store.head('k')).rejects.toThrow(
      /can not be reached: connect ECONNREFUSED 127\.0\.0\.1:1 /,
    )
  },
)

describe('an answer to a range', () => {
  let recorder: Recorder

  beforeEach(async () => {
    recorder = await startRecorder()
  })
  afterEach(() => recorder.stop())

  it.each([
    ['of another place', { 'content-range': 'bytes 5-9/20' }, /another range/],
    ['of the whole', {}, /ignored the range/],
    ['that says nothing', { 'content-range': 'nonsense' }, /ignored the range/],
  ])('%s is refused', async (_name, headers, message) => {
    recorder.answer = () => ({ status: 206, headers: { etag: '"1"', ...headers }, body: '01234' })
    const store = createS3Store({ ...place, endpoint: `http://127.0.0.1:${recorder.port}` })
    await expect(store.get('k', { range: { offset: 3, length: 5 } })).rejects.toThrow(message)
    await expect(store.get('k', { range: { suffixLength: 4 } })).rejects.toThrow(message)
  })
})
