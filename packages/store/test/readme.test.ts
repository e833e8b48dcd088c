import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createAzureStore } from '../../store-azure/src/index.ts'
import { createGcsStore } from '../../store-gcs/src/index.ts'
import { createLocalStore } from '../../store-local/src/index.ts'
import { createS3Store } from '../../store-s3/src/index.ts'
import { startTokenServer } from '../../../test/servers/token-server.ts'
import { openStore } from '../src/index.ts'
import type { Store } from '../src/index.ts'
import { createMemoryStore } from '../src/memory.ts'
import { gcsAdapter } from '../../store-gcs/src/index.ts'

// The stores themselves, in each form that their capabilities depend on. The conformance suite proves these on servers.
const google = await startTokenServer()
await google.stop()
const account = 'AccountName=a;EndpointSuffix=core.windows.net'
const gcsBlock = {
  type: 'gcs-bucket',
  data: { bucket: 'bbb', gcp_credentials: { service_account_info: google.key } },
}
const stores: Readonly<Record<string, readonly Store[]>> = {
  memory: [createMemoryStore()],
  local: [createLocalStore({ basepath: '/tmp' })],
  S3: [true, false].map((conditionalWrites) => createS3Store({ bucket: 'bbb', conditionalWrites })),
  GCS: [createGcsStore({ bucket: 'bbb' }), await openStore(gcsBlock, { adapters: [gcsAdapter] })],
  Azure: ['AccountKey=a2V5', 'SharedAccessSignature=sig'].map((secret) =>
    createAzureStore({ connectionString: `${account};${secret}`, container: 'ccc' }),
  ),
}

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
const table = readme
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
const start = table.findIndex(([first]) => first === 'capability')
const head = table[start] ?? []
const rows = table
  .slice(start + 2)
  .filter(([name]) => `${name}`.replaceAll('`', '') in createMemoryStore().capabilities)

describe("the README's table of capabilities", () => {
  it('has a row for each of them and a column for each store', () => {
    const names = Object.keys(createMemoryStore().capabilities)
    expect(rows.map(([name]) => name)).toEqual(names.map((name) => `\`${name}\``))
    expect(head.slice(2)).toEqual(Object.keys(stores))
  })

  it.each(Object.entries(stores))('says what %s can do', (name, variants) => {
    const column = head.indexOf(name)
    for (const row of rows) {
      const capability = row[0]?.replaceAll('`', '') as keyof Store['capabilities']
      const can = new Set(variants.map(({ capabilities }) => capabilities[capability]))
      const said = can.size > 1 ? 'a condition' : can.has(true) ? 'yes' : 'no'
      const cell = row[column] ?? ''
      expect([capability, cell === 'yes' || cell === 'no' ? cell : 'a condition']).toEqual([
        capability,
        said,
      ])
    }
  })
})
