import { randomUUID } from 'node:crypto'
import { openStore } from '@prefect-ts/store'
import type { BlockLike, Store } from '@prefect-ts/store'
import { gcsAdapter } from '@prefect-ts/store-gcs'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { randomKeys } from '../../../test/random-keys.ts'
import { createGcsBucket } from '../../../test/servers/fake-gcs.ts'
import { startPythonBlocks } from '../../../test/servers/python-blocks.ts'
import type { PythonBlocks } from '../../../test/servers/python-blocks.ts'
import { startTokenServer } from '../../../test/servers/token-server.ts'
import type { TokenServer } from '../../../test/servers/token-server.ts'
import { trials } from '../../../test/trials.ts'

let python: PythonBlocks
let google: TokenServer
const url = inject('gcsUrl')

beforeAll(async () => {
  vi.stubEnv('STORAGE_EMULATOR_HOST', url)
  google = await startTokenServer()
  python = await startPythonBlocks({
    STORAGE_EMULATOR_HOST: url,
    GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT: 'false',
  })
}, 120_000)

afterAll(async () => {
  vi.unstubAllEnvs()
  await python.stop()
  await google.stop()
})

const forms: [name: string, of: (bucket: string) => { type: string; data: object }][] = [
  ...['', 'folder', 'willowdata/dev/', 'a//b'].map((folder): (typeof forms)[number] => [
    `gcs-bucket with the folder "${folder}"`,
    (bucket) => ({
      type: 'gcs-bucket',
      data: {
        bucket,
        bucket_folder: folder,
        gcp_credentials: { service_account_info: google.key },
      },
    }),
  ]),
  ...['gs', 'gcs'].map((scheme): (typeof forms)[number] => [
    `remote-file-system ${scheme}://`,
    (bucket) => ({
      type: 'remote-file-system',
      data: {
        basepath: `${scheme}://${bucket}/base/folder`,
        settings: { token: 'anon', endpoint_url: url, project: 'test' },
      },
    }),
  ]),
]

describe('with live Python blocks', () => {
  const count = trials(16, 500)

  it.each(forms)(
    `both sides read what the other wrote at ${count} random keys: %s`,
    { timeout: 600_000 },
    async (...form) => {
      const { type, data } = form[1](await createGcsBucket(url, `b-${randomUUID()}`))
      const block: BlockLike = { type, data }
      const store = await openStore(block, { adapters: [gcsAdapter] })
      // gcsfs writes `c/` where we do, but reads `c` for it: Python can't read such a key of its own either.
      const isReadable = (key: string) => type !== 'remote-file-system' || !key.endsWith('/')
      const keys = randomKeys(store, count, 7).filter(isReadable)
      const [ours, theirs] = [keys.slice(0, keys.length / 2), keys.slice(keys.length / 2)]
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
      expect(unlisted.filter((key) => !key.startsWith('folder/'))).toEqual([])
    },
  )
})

async function readText(store: Store, key: string): Promise<string> {
  return await new Response((await store.get(key))?.body).text()
}
