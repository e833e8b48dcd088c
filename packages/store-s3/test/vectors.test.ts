import { readFile } from 'node:fs/promises'
import { isStoreError, openStore } from '@prefect-ts/store'
import type { BlockLike } from '@prefect-ts/store'
import { s3Adapter } from '@prefect-ts/store-s3'
import { describe, expect, it } from 'vitest'

// What `_resolve_path` of Prefect 3.8.8 made of paths: [bucket folder or base path, path, answer]; null: refused.
const vectors = JSON.parse(
  await readFile(new URL('s3-vectors.json', import.meta.url), 'utf8'),
) as Readonly<Record<'s3' | 'remote', readonly [string, string, string | null][]>>

/** Where a key leads; undefined when it or the block is refused. */
async function locate(block: BlockLike, key: string): Promise<string | undefined> {
  try {
    return (await openStore(block, { adapters: [s3Adapter] })).locate(key)
  } catch (error) {
    if (isStoreError(error, 'INVALID_KEY', 'INVALID_CONFIG')) return undefined
    throw error
  }
}

/** Whether the rules for keys of all stores let a path through. */
function isKey(path: string): boolean {
  const segments = path.split('/')
  return (
    path !== '' &&
    !/^\/|\0/.test(path) &&
    path.isWellFormed() &&
    !segments.includes('.') &&
    !segments.includes('..')
  )
}

describe('keys of S3Bucket', () => {
  it('are those that Python resolves, or are refused', async () => {
    const found: (readonly [string, string, string | undefined])[] = []
    const expected: typeof found = []
    for (const [folder, path, resolved] of vectors.s3) {
      const data = { bucket_name: 'vec', bucket_folder: folder }
      found.push([folder, path, await locate({ type: 's3-bucket', data }, path)])
      const isFolder = !folder.includes('\0') && folder.isWellFormed()
      const isShort = Buffer.byteLength(resolved ?? '') <= 1024
      const isTaken = isKey(path) && isFolder && isShort
      expected.push([folder, path, isTaken ? `s3://vec/${resolved}` : undefined])
    }
    expect(found).toEqual(expected)
    expect(found.filter(([, , located]) => located !== undefined).length).toBeGreaterThan(500)
  })
})

describe('keys of RemoteFileSystem', () => {
  // What Python's urlsplit eats, strips or takes for a scheme, by this package's rules.
  // eslint-disable-next-line no-control-regex -- these are what Python strips
  const eaten = /[?#\t\r\n]|^[\u0000-\u0020]|^[a-z][a-z0-9+.-]*:/i

  it('are those that Python resolves, or are refused', async () => {
    const found: (readonly [string, string, string | undefined])[] = []
    const expected: typeof found = []
    for (const [basepath, path, resolved] of vectors.remote) {
      const data = { basepath, settings: {} }
      found.push([basepath, path, await locate({ type: 'remote-file-system', data }, path)])
      const isBase = /^s3:\/\/[A-Za-z0-9._-]+(\/|$)/.test(basepath) && !basepath.includes('\0')
      const isTaken = isKey(path) && isBase && !eaten.test(path)
      // s3fs takes the slashes at the end off before it writes.
      expected.push([basepath, path, isTaken ? resolved?.replace(/\/+$/, '') : undefined])
    }
    expect(found).toEqual(expected)
    expect(found.filter(([, , located]) => located !== undefined).length).toBeGreaterThan(40)
  })
})
