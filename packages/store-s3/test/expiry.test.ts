import { openStore } from '@prefect-ts/store'
import type { Store } from '@prefect-ts/store'
import { s3Adapter } from '@prefect-ts/store-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { startFaultProxy } from '../../../test/servers/fault-proxy.ts'
import type { Fault, FaultProxy, SeenRequest } from '../../../test/servers/fault-proxy.ts'
import { s3Keys, startMoto } from '../../../test/servers/moto.ts'
import type { TestServer } from '../../../test/servers/process.ts'
import { slowBody } from '../../../test/slow-body.ts'
import { trials } from '../../../test/trials.ts'
import { trueTime } from '../../../test/true-time.ts'
import { startRecorder } from './recorder.ts'
import type { Recorder } from './recorder.ts'
import { makeBucket } from './servers.ts'

// R15: neither the end of a token nor a clock that is wrong breaks a transfer.

const partSize = 8 * 1024 * 1024
const lifetimeMs = 2_000
let moto: TestServer
let server: FaultProxy
let sts: Recorder
let bucket = ''

beforeAll(async () => {
  moto = await startMoto()
  server = await startFaultProxy(moto.url)
  sts = await startRecorder()
  bucket = await makeBucket(moto.url)
}, 120_000)
afterAll(async () => {
  await sts?.stop()
  await server?.stop()
  await moto?.stop()
})
beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  }
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent')
  vi.stubEnv('AWS_ENDPOINT_URL_STS', `http://127.0.0.1:${sts.port}`)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
  server.plan = () => undefined
})

async function open(more: object): Promise<Store> {
  const credentials = {
    aws_access_key_id: s3Keys.accessKeyId,
    aws_secret_access_key: s3Keys.secretAccessKey,
    aws_client_parameters: { endpoint_url: server.url },
    ...more,
  }
  const data = { bucket_name: bucket, credentials }
  return await openStore({ type: 's3-bucket', data }, { adapters: [s3Adapter] })
}

function refusal(status: number, code: string): Fault {
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'application/xml', date: new Date(trueTime()).toUTCString() },
    body: `<Error><Code>${code}</Code><Message>refused</Message></Error>`,
  }
}

const count = trials(1, 20)
const parts = trials(5, 30)

it(
  `tokens of 2 s are renewed during an upload of ${parts} parts (${count} times)`,
  { timeout: 900_000 },
  async () => {
    const issued = new Map<string, number>()
    sts.answer = () => {
      const token = `token-${issued.size + 1}`
      issued.set(token, Date.now())
      const expires = new Date(Date.now() + lifetimeMs).toISOString()
      const keys = `<AccessKeyId>${token}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`
      const rest = `<SessionToken>${token}</SessionToken><Expiration>${expires}</Expiration>`
      return {
        status: 200,
        headers: { 'content-type': 'text/xml' },
        body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>${keys}${rest}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      }
    }
    const used = new Set<string>()
    server.plan = ({ headers }) => {
      const token = String(headers['x-amz-security-token'])
      used.add(token)
      const at = issued.get(token)
      const isGood = at !== undefined && Date.now() - at < lifetimeMs + 1_000
      return isGood ? undefined : refusal(400, 'ExpiredToken')
    }
    const store = await open({ assume_role_arn: 'arn:aws:iam::123456789012:role/r' })
    for (let trial = 0; trial < count; trial++) {
      used.clear()
      await store.put('long', slowBody(parts, partSize))
      expect((await store.head('long'))?.size).toBe(parts * partSize)
      expect(used.size).toBeGreaterThan(1)
    }
  },
)

it(
  `a clock that is 20 minutes before or behind is no obstacle (${2 * count} times)`,
  { timeout: 900_000 },
  async () => {
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- read beside its use
    const timeOf = ({ headers }: SeenRequest): number => {
      const text = String(headers['x-amz-date'])
      return Date.parse(
        text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
      )
    }
    let refused = 0
    server.plan = (request) => {
      // S3 bears a quarter of an hour.
      if (Math.abs(timeOf(request) - trueTime()) < 900_000) return undefined
      refused++
      return refusal(403, 'RequestTimeTooSkewed')
    }
    const body = Buffer.alloc(partSize + 1, 'x')
    for (let trial = 0; trial < count; trial++) {
      for (const sign of [-1, 1]) {
        vi.useFakeTimers({ toFake: ['Date'], now: trueTime() + sign * 1_200_000 })
        refused = 0
        const store = await open({})
        await store.put('skewed', body)
        expect(refused).toBeGreaterThan(0)
        const object = await store.get('skewed')
        expect((await new Response(object?.body).bytes()).byteLength).toBe(body.byteLength)
        vi.useRealTimers()
      }
    }
  },
)
