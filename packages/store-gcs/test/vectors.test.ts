import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isStoreError } from '@prefect-ts/store'
import { createGcsStore } from '@prefect-ts/store-gcs'
import { expect, it } from 'vitest'

type Row = [folder: string, path: string, resolved: string | null]
const text = readFileSync(join(import.meta.dirname, 'gcs-vectors.json'), 'utf8')
const rows = JSON.parse(text) as Row[]

function locate(folder: string, path: string): string | undefined {
  try {
    return createGcsStore({ bucket: 'vec', folder }).locate(path)
  } catch (error) {
    if (isStoreError(error, 'INVALID_KEY', 'INVALID_CONFIG')) return undefined
    throw error
  }
}

/** Whether the rules of all stores let a path through; the others are refused on purpose. */
function isKey(path: string): boolean {
  return (
    path !== '' &&
    !/^\/|\0|(^|\/)\.\.?(\/|$)/.test(path) &&
    path.isWellFormed() &&
    Buffer.byteLength(path) <= 1_024
  )
}

it('every key leads to the object that GcsBucket writes', () => {
  expect(rows.length).toBeGreaterThan(1_000)
  const keys = rows.filter(([folder, path]) => isKey(path) && !folder.includes('\0'))
  expect(keys.length).toBeGreaterThan(500)
  const wrong = keys.filter(
    ([folder, path, resolved]) => locate(folder, path) !== `gs://vec/${resolved}`,
  )
  expect(wrong).toEqual([])
})

it('every other path is refused', () => {
  const others = rows.filter(([folder, path]) => !isKey(path) || folder.includes('\0'))
  expect(others.length).toBeGreaterThan(100)
  expect(others.filter(([folder, path]) => locate(folder, path) !== undefined)).toEqual([])
})
