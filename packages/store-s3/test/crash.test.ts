import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { sweepUploads } from '@prefect-ts/store'
import { createS3Store } from '@prefect-ts/store-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { s3Keys } from '../../../test/servers/moto.ts'
import type { TestServer } from '../../../test/servers/process.ts'
import { killedInWrite, signalledInWrite, testStoreCrash } from '../../../test/store-crash.ts'
import { trials } from '../../../test/trials.ts'
import { makeBucket, rawClient, servers } from './servers.ts'

describe.each(Object.entries(servers))('S3 store on %s', (_name, start) => {
  let server: TestServer
  let bucket = ''
  let uploadJournal = ''
  let stranger: string | undefined

  const writer = (script = 'crash-writer.ts') => [
    join(import.meta.dirname, script),
    server.url,
    bucket,
    uploadJournal,
  ]
  const openStore = (endpoint = server.url) =>
    createS3Store({
      bucket,
      endpoint,
      region: 'us-east-1',
      credentials: s3Keys,
      uploadJournal,
    })
  const pending = async (): Promise<(string | undefined)[]> => {
    const client = rawClient(server.url)
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    client.destroy()
    return Uploads.map(({ UploadId }) => UploadId)
  }

  beforeAll(async () => {
    server = await start()
    bucket = await makeBucket(server.url)
    uploadJournal = await mkdtemp(join(tmpdir(), 'store-s3-journal-'))
    const client = rawClient(server.url)
    const upload = { Bucket: bucket, Key: 'folder/k2' }
    stranger = (await client.send(new CreateMultipartUploadCommand(upload))).UploadId
    client.destroy()
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await rm(uploadJournal, { recursive: true, force: true })
  })

  testStoreCrash({
    writer: () => writer(),
    openStore,
  })

  it('a sweep then removes all uploads of the killed writers, and none of a stranger', async () => {
    // Until a kill has hit the middle of an upload.
    for (let trial = 0; trial < 50 && (await pending()).length < 2; trial++) {
      await killedInWrite(writer(), 3, 10 + trial * 5)
    }
    expect((await pending()).length).toBeGreaterThan(1)
    // A bucket of the same name on another server.
    const elsewhere = openStore('http://127.0.0.1:1')
    expect(await sweepUploads(elsewhere)).toEqual({ aborted: 0, left: 0 })
    expect(await sweepUploads(openStore())).toMatchObject({ left: 0 })
    expect(await pending()).toEqual([stranger])
    expect(await readdir(uploadJournal)).toEqual([])
    expect(await sweepUploads(openStore())).toEqual({ aborted: 0, left: 0 })
  })

  const count = trials(4, 50)
  it(
    `a job that SIGTERM or SIGINT aborts in an upload leaves nothing pending (${count} times)`,
    { timeout: 900_000 },
    async () => {
      for (let trial = 0; trial < count; trial++) {
        const [signal, code] =
          trial % 2 === 0 ? (['SIGTERM', 143] as const) : (['SIGINT', 130] as const)
        const ended = await signalledInWrite(writer('job-writer.ts'), 3, (trial * 37) % 150, signal)
        expect(ended).toEqual([code, null])
        expect(await pending()).toEqual([stranger])
        expect(await readdir(uploadJournal)).toEqual([])
      }
    },
  )

  it(
    'what a process that SIGTERM ends at once has left goes with the next upload',
    { timeout: 300_000 },
    async () => {
      for (let trial = 0; trial < 50 && (await pending()).length < 2; trial++) {
        const ended = await signalledInWrite(writer(), 3, 10 + trial * 5, 'SIGTERM')
        expect(ended).toEqual([null, 'SIGTERM'])
      }
      expect((await pending()).length).toBeGreaterThan(1)
      await openStore().put('folder/next', Buffer.alloc(9_000_000))
      await expect.poll(pending, { timeout: 10_000 }).toEqual([stranger])
    },
  )
})
