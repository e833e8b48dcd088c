import { openStore } from '@prefect-ts/store'
import type { BlockLike, Store } from '@prefect-ts/store'
import { azureAdapter } from '@prefect-ts/store-azure'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { randomKeys } from '../../../test/random-keys.ts'
import { azureConnectionString } from '../../../test/servers/azurite.ts'
import { startPythonBlocks } from '../../../test/servers/python-blocks.ts'
import type { PythonBlocks } from '../../../test/servers/python-blocks.ts'
import { trials } from '../../../test/trials.ts'
import { createContainer } from './container.ts'

let python: PythonBlocks
const connectionString = azureConnectionString(inject('azureUrl'))

beforeAll(async () => {
  python = await startPythonBlocks()
}, 120_000)

afterAll(() => python.stop())

type Form = [name: string, of: (container: string) => { type: string; data: object }]

const forms: Form[] = [
  ...[undefined, '', 'folder', 'a//b/'].map((folder): Form => [
    `azure-blob-storage-container with the folder ${JSON.stringify(folder)}`,
    (container) => ({
      type: 'azure-blob-storage-container',
      data: {
        container_name: container,
        base_folder: folder,
        credentials: { connection_string: connectionString },
      },
    }),
  ]),
  ...['az', 'abfs'].map((scheme): Form => [
    `remote-file-system ${scheme}://`,
    (container) => ({
      type: 'remote-file-system',
      data: {
        basepath: `${scheme}://${container}/base/folder`,
        settings: { connection_string: connectionString },
      },
    }),
  ]),
]

describe('with live Python blocks', () => {
  const count = trials(16, 1_700)

  it.each(forms)(
    `both sides read what the other wrote at ${count} random keys: %s`,
    { timeout: 600_000 },
    async (...form) => {
      const { type, data } = form[1](await createContainer(connectionString))
      const block: BlockLike = { type, data }
      const store = await openStore(block, { adapters: [azureAdapter] })
      const keys = randomKeys(store, count, 11)
      const [ours, theirs] = [keys.slice(0, count / 2), keys.slice(count / 2)]
      for (const key of ours) await store.put(key, `node ${key}`)
      const { written, read } = await python.run(type, data, {
        write: theirs.map((key) => [key, `python ${key}`]),
        read: ours,
      })
      expect(written.filter((each) => typeof each === 'object' && each !== null)).toEqual([])
      expect(read).toEqual(ours.map((key) => `node ${key}`))
      for (const key of theirs) expect(await readText(store, key)).toBe(`python ${key}`)
      const listed: string[] = []
      for await (const { key } of store.list()) listed.push(store.locate(key))
      expect(listed.toSorted()).toEqual(keys.map((key) => store.locate(key)).toSorted())
    },
  )
})

async function readText(store: Store, key: string): Promise<string> {
  return await new Response((await store.get(key))?.body).text()
}
