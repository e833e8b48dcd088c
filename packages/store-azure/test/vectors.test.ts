import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isStoreError, openStore } from '@prefect-ts/store'
import { azureAdapter } from '@prefect-ts/store-azure'
import { expect, it } from 'vitest'

type Row = [folder: string | null, path: string, resolved: string]
const text = readFileSync(join(import.meta.dirname, 'azure-vectors.json'), 'utf8')
const rows = JSON.parse(text) as Row[]

async function locate(folder: string | null, path: string): Promise<string | undefined> {
  const connectionString = 'AccountName=a;AccountKey=a2V5'
  const data = {
    container_name: 'vec',
    base_folder: folder,
    credentials: { connection_string: connectionString },
  }
  const block = { type: 'azure-blob-storage-container', data }
  try {
    return (await openStore(block, { adapters: [azureAdapter] })).locate(path)
  } catch (error) {
    if (isStoreError(error, 'INVALID_KEY', 'INVALID_CONFIG')) return undefined
    throw error
  }
}

function isBlob(name: string): boolean {
  return !/\\|\0/.test(name) && name.isWellFormed()
}

/** Whether the rules of all stores and that of Azure for "\\" let a path through; the others are refused on purpose. */
function isKey([folder, path]: Row): boolean {
  return (
    path !== '' &&
    !/^\/|(^|\/)\.\.?(\/|$)/.test(path) &&
    isBlob(path) &&
    isBlob(folder ?? '') &&
    !/(^|\/)\.\.(\/|$)/.test(folder ?? '')
  )
}

it('every key leads to the blob that AzureBlobStorageContainer writes', async () => {
  expect(rows.length).toBeGreaterThan(1_000)
  const keys = rows.filter(isKey)
  expect(keys.length).toBeGreaterThan(500)
  const wrong: Row[] = []
  for (const row of keys) {
    if ((await locate(row[0], row[1])) !== `az://vec/${row[2]}`) wrong.push(row)
  }
  expect(wrong).toEqual([])
})

it('every other path is refused', async () => {
  const others = rows.filter((row) => !isKey(row))
  expect(others.length).toBeGreaterThan(100)
  const accepted: Row[] = []
  for (const row of others) if ((await locate(row[0], row[1])) !== undefined) accepted.push(row)
  expect(accepted).toEqual([])
})
