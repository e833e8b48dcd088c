import { createS3Store } from '@prefect-ts/store-s3'
import { isStoreError } from '@prefect-ts/store'
import type { Store } from '@prefect-ts/store'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startFaultProxy } from '../../../test/servers/fault-proxy.ts'
import type { Fault, FaultProxy, SeenRequest } from '../../../test/servers/fault-proxy.ts'
import { s3Keys, startMoto } from '../../../test/servers/moto.ts'
import type { TestServer } from '../../../test/servers/process.ts'
import { trials } from '../../../test/trials.ts'
import { makeBucket } from './servers.ts'

// R12: an error, or nothing that says anything, under the status 200. What was done is never told as a failure, and
// what was not done never as a success.

let moto: TestServer
let proxy: FaultProxy
let bucket = ''
let straight: Store
interface Running {
  readonly isIt: (request: SeenRequest) => boolean
  readonly fault: Fault
  met: number
}
/** All trials run side by side: SDK's waits between its attempts are most of their time. */
const running = new Map<number, Running>()

beforeAll(async () => {
  moto = await startMoto()
  proxy = await startFaultProxy(moto.url)
  bucket = await makeBucket(moto.url)
  straight = open(moto.url)
}, 120_000)
afterAll(async () => {
  await proxy?.stop()
  await moto?.stop()
})
beforeAll(() => {
  proxy.plan = (request) => {
    const number = /\bcase(\d+)\//.exec(request.url + request.body.toString('latin1'))?.[1]
    const trial = running.get(Number(number))
    if (trial?.isIt(request) !== true) return undefined
    trial.met++
    return trial.fault
  }
})

function open(endpoint: string): Store {
  const place = { bucket, endpoint, region: 'us-east-1', credentials: s3Keys }
  return createS3Store({ ...place, conditionalWrites: true })
}

const head = '<?xml version="1.0" encoding="UTF-8"?>\n'
const error = (code: string, root = 'Error'): string =>
  `${head}<${root}><Code>${code}</Code><Message>said the server</Message><RequestId>R1</RequestId></${root}>`

/** Bodies that tell of nothing definite: whoever gets one does not know what has become of the request. */
const vague: Record<string, string> = {
  InternalError: error('InternalError'),
  SlowDown: error('SlowDown'),
  ServiceUnavailable: error('ServiceUnavailable'),
  RequestTimeout: error('RequestTimeout'),
  OperationAborted: error('OperationAborted'),
  'a code that nobody knows': error('SomethingElse'),
  'no code': `${head}<Error><Message>said the server</Message></Error>`,
  'an error in a namespace': error('InternalError').replace(
    '<Error>',
    '<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
  ),
  'an error below another root': error('InternalError', 'Response'),
  'spaces that keep the connection, then an error': `${head}${' '.repeat(3_000)}\n${error('InternalError').slice(head.length)}`,
  'spaces before everything, then an error': `${' \n'.repeat(100)}${error('SlowDown')}`,
  nothing: '',
  'only spaces': ' '.repeat(500),
  'only the head of XML': head,
  'XML that breaks off': `${head}<CompleteMultipartUploadResult><Location>http://x/`,
  'an error that breaks off': `${head}<Error><Code>InternalEr`,
  HTML: '<!DOCTYPE html><html><head><title>Log in</title></head><body><p>Please log in</p></body></html>',
  JSON: '{"error":{"code":"InternalError","message":"said the server"}}',
  text: 'upstream connect error or disconnect/reset before headers',
  'bytes that are no text': '\u0000\u0001\ufffd\ufffd',
  'another root': `${head}<SomethingResult><Done>true</Done></SomethingResult>`,
  'a result without an etag': `${head}<CompleteMultipartUploadResult><Bucket>b</Bucket></CompleteMultipartUploadResult>`,
  'a copy without an etag': `${head}<CopyObjectResult><LastModified>2026-01-01T00:00:00.000Z</LastModified></CopyObjectResult>`,
  'an empty etag': `${head}<CopyObjectResult><ETag></ETag></CopyObjectResult>`,
}
/** What a repetition is told when the first request was done. */
const repeated: Record<string, string> = {
  NoSuchUpload: error('NoSuchUpload'),
  PreconditionFailed: error('PreconditionFailed'),
}
/** Refusals: the request was not done. */
const refusals: Record<string, string> = {
  AccessDenied: error('AccessDenied'),
  InvalidPart: error('InvalidPart'),
  EntityTooSmall: error('EntityTooSmall'),
  NoSuchBucket: error('NoSuchBucket'),
  ExpiredToken: error('ExpiredToken'),
}

const small = Buffer.from('small')
const large = Buffer.alloc(9_000_000, 'large')

interface Operation {
  readonly isIt: (request: SeenRequest) => boolean
  readonly work: (store: Store, folder: string) => Promise<unknown>
  /** What the bucket must hold when it was done. */
  readonly made: Buffer | 'nothing'
  /** A delete may tell of an error although it was done: to repeat it does no harm. */
  readonly mayFailWhenDone?: true
  /** A part alone makes nothing visible. */
  readonly isPart?: true
}

const named =
  (name: string) =>
  ({ url }: SeenRequest): boolean =>
    url.includes(`x-id=${name}`)
const isComplete = ({ method, url }: SeenRequest): boolean =>
  method === 'POST' && url.includes('uploadId=')
const ifAbsent = { ifAbsent: true }

const operations: Record<string, Operation> = {
  PutObject: {
    isIt: named('PutObject'),
    work: (store, folder) => store.put(`${folder}to`, small),
    made: small,
  },
  'PutObject, conditional': {
    isIt: named('PutObject'),
    work: (store, folder) => store.put(`${folder}to`, small, ifAbsent),
    made: small,
  },
  UploadPart: {
    isIt: named('UploadPart'),
    work: (store, folder) => store.put(`${folder}to`, large),
    made: large,
    isPart: true,
  },
  CompleteMultipartUpload: {
    isIt: isComplete,
    work: (store, folder) => store.put(`${folder}to`, large),
    made: large,
  },
  'CompleteMultipartUpload, conditional': {
    isIt: isComplete,
    work: (store, folder) => store.put(`${folder}to`, large, ifAbsent),
    made: large,
  },
  CopyObject: {
    isIt: named('CopyObject'),
    work: (store, folder) => store.copy(`${folder}a`, `${folder}to`),
    made: small,
  },
  DeleteObject: {
    isIt: named('DeleteObject'),
    work: (store, folder) => store.delete(`${folder}a`),
    made: 'nothing',
    mayFailWhenDone: true,
  },
  DeleteObjects: {
    isIt: ({ method, url }) => method === 'POST' && /\?delete\b/.test(url),
    work: (store, folder) => store.delete([`${folder}a`, `${folder}b`]),
    made: 'nothing',
    mayFailWhenDone: true,
  },
}

const cases = [
  ...Object.entries({ ...vague, ...repeated }).flatMap(([name, body]) => [
    { name, body, isDone: true },
    { name, body, isDone: false },
  ]),
  ...Object.entries(refusals).map(([name, body]) => ({ name, body, isDone: false })),
]
type Case = (typeof cases)[number]
let numbers = 0

async function isMade(folder: string, made: Operation['made']): Promise<boolean> {
  if (made === 'nothing') {
    const found = [await straight.head(`${folder}a`), await straight.head(`${folder}b`)]
    return found.every((each) => each === undefined)
  }
  const object = await straight.get(`${folder}to`)
  if (object === undefined) return false
  return made.equals(Buffer.from(await new Response(object.body).arrayBuffer()))
}

/** What became of one operation: how it ended, and what the bucket holds. */
async function attempt({ isIt, work, made }: Operation, { body, isDone }: Case) {
  const number = ++numbers
  const folder = `case${number}/`
  await straight.put(`${folder}a`, small)
  const kind = isDone ? 'other-reply' : 'answer'
  const headers = { 'content-type': 'application/xml' }
  const trial: Running = { isIt, fault: { kind, status: 200, headers, body }, met: 0 }
  running.set(number, trial)
  const ended = await work(open(proxy.url), folder).then(
    (result) => ({ result }),
    (reason: unknown) => ({ reason }),
  )
  const etag = (await straight.head(`${folder}to`))?.etag
  return { ended, met: trial.met, isThere: await isMade(folder, made), etag }
}

function verdict(
  operation: Operation,
  { name, isDone }: Case,
  seen: Awaited<ReturnType<typeof attempt>>,
): string {
  const { ended, met, isThere, etag } = seen
  const { made, isPart, mayFailWhenDone } = operation
  if (met === 0) return `the request was never met: ${JSON.stringify(ended)}`
  if ('result' in ended) {
    if (!isThere) return 'a wrong success'
    const isRight = made === 'nothing' || (ended.result as { etag: string }).etag === etag
    return isRight ? 'good' : 'a success with a wrong etag'
  }
  const { reason } = ended
  if (!isStoreError(reason)) return `no typed error: ${String(reason)}`
  if (/hidden field|XML parse error$/.test(reason.message)) return reason.message
  if (isDone && isPart !== true && mayFailWhenDone !== true)
    return `failed though done: ${reason.message}`
  const isRefused = name in refusals
  const mayRepeat =
    reason.retryable || reason.code === 'OUTCOME_UNKNOWN' || name === 'PreconditionFailed'
  return isRefused || mayRepeat
    ? 'good'
    : `${reason.code}, of which nobody knows what to do: ${reason.message}`
}

it.each(Object.entries(operations))(
  `%s, answered with 200 and ${Object.keys({ ...vague, ...repeated, ...refusals }).length} bodies that tell of no success`,
  { timeout: 300_000 },
  async (_name, operation) => {
    const verdicts: Record<string, string> = {}
    const few = operation.made === large ? trials(8, 1) : 1
    const chosen = cases.filter((_, index) => index % few === 0)
    const rest = chosen.values()
    const worker = async (): Promise<void> => {
      for (const each of rest) {
        const key = `${each.name}, ${each.isDone ? 'done' : 'not done'}`
        verdicts[key] = verdict(operation, each, await attempt(operation, each))
      }
    }
    await Promise.all(Array.from({ length: operation.made === large ? 3 : 12 }, worker))
    expect(Object.keys(verdicts)).toHaveLength(chosen.length)
    expect(Object.entries(verdicts).filter(([, said]) => said !== 'good')).toEqual([])
  },
)
