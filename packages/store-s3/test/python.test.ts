import { openStore } from '@prefect-ts/store'
import type { BlockLike, Store } from '@prefect-ts/store'
import { s3Adapter } from '@prefect-ts/store-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomKeys } from '../../../test/random-keys.ts'
import { s3Keys, startMoto } from '../../../test/servers/moto.ts'
import type { TestServer } from '../../../test/servers/process.ts'
import { startPythonBlocks } from '../../../test/servers/python-blocks.ts'
import type { PythonBlocks } from '../../../test/servers/python-blocks.ts'
import { trials } from '../../../test/trials.ts'
import { makeBucket } from './servers.ts'

let python: PythonBlocks
let moto: TestServer

beforeAll(async () => {
  moto = await startMoto()
  python = await startPythonBlocks()
}, 120_000)
afterAll(async () => {
  await python?.stop()
  await moto?.stop()
})

const { accessKeyId, secretAccessKey } = s3Keys
const parameters = () => ({ endpoint_url: moto.url })
const forms: [name: string, of: (bucket: string) => { type: string; data: object }][] = [
  ...['', 'folder', 'willowdata/dev/', 'a//b'].map((folder): (typeof forms)[number] => [
    `s3-bucket with the folder "${folder}"`,
    (bucket) => ({
      type: 's3-bucket',
      data: {
        bucket_name: bucket,
        bucket_folder: folder,
        credentials: {
          aws_access_key_id: accessKeyId,
          aws_secret_access_key: secretAccessKey,
          aws_client_parameters: parameters(),
        },
      },
    }),
  ]),
  [
    's3-bucket with MinIOCredentials',
    (bucket) => ({
      type: 's3-bucket',
      data: {
        bucket_name: bucket,
        bucket_folder: 'base',
        credentials: {
          minio_root_user: accessKeyId,
          minio_root_password: secretAccessKey,
          aws_client_parameters: parameters(),
        },
      },
    }),
  ],
  [
    'remote-file-system s3://',
    (bucket) => ({
      type: 'remote-file-system',
      data: {
        basepath: `s3://${bucket}/base/folder`,
        settings: { key: accessKeyId, secret: secretAccessKey, client_kwargs: parameters() },
      },
    }),
  ],
]

describe('with live Python blocks', () => {
  const count = trials(16, 400)

  it.each(forms)(
    `both sides read what the other wrote at ${count} random keys: %s`,
    async (...form) => {
      const { type, data } = form[1](await makeBucket(moto.url))
      const block: BlockLike = { type, data }
      const store = await openStore(block, { adapters: [s3Adapter] })
      // moto can't list a line break in a key.
      const keys = randomKeys(store, count + 8, 11)
        .filter((key) => !key.includes('\n'))
        .slice(0, count)
      const [ours, theirs] = [keys.slice(0, count / 2), keys.slice(count / 2)]
      for (const key of ours) await store.put(key, `node ${key}`)
      const { written, read } = await python.run(type, data, {
        write: theirs.map((key) => [key, `python ${key}`]),
        read: ours,
      })
      expect(written.filter((each) => typeof each !== 'string')).toEqual([])
      expect(read).toEqual(ours.map((key) => `node ${key}`))
      for (const key of theirs) expect(await readText(store, key)).toBe(`python ${key}`)
      const places = new Set<string>()
      for await (const { key } of store.list()) places.add(store.locate(key))
      const unlisted = keys.filter((key) => !places.has(store.locate(key)))
      // Reachable only by a key that repeats the folder.
      expect(unlisted.filter((key) => !key.startsWith('folder'))).toEqual([])
    },
    600_000,
  )
})

async function readText(store: Store, key: string): Promise<string> {
  return await new Response((await store.get(key))?.body).text()
}
