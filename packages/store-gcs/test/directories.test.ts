import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createGcsStore } from '@prefect-ts/store-gcs'
import { inject } from 'vitest'
import { createGcsBucket } from '../../../test/servers/fake-gcs.ts'
import { testDirectoryVectors } from '../../../test/store-directories.ts'
import { clientOf } from './client.ts'

const url = inject('gcsUrl')
const text = readFileSync(new URL('gcs-directories-vectors.json', import.meta.url), 'utf8')
const below = ['a.txt', 'sub/b.txt', 'sub/deep/c.txt']
const all = [
  'folder-other/x.txt',
  'folder.txt',
  'folder/a.txt',
  'folder/sub/b.txt',
  'folder/sub/deep/c.txt',
  'sub/root-sub.txt',
  'subx/y.txt',
  'top.txt',
]

testDirectoryVectors<{ bucket_folder: string }>({
  text,
  count: 22,
  differences: {
    'gcsdir-06': {
      why: 'a directory is whole segments: no sibling is put beside the target',
      files: ['out/root-sub.txt'],
    },
    'gcsdir-07': { why: 'a folder that is missing is an error', code: 'NOT_FOUND' },
    'gcsdir-09': {
      why: '~ is not expanded',
      files: all.map((name) => `cwd/~/d/${name}`),
    },
    'gcsdir-10': {
      why: 'names that lead out of the target are no keys',
      code: 'NOT_FOUND',
      files: [],
    },
    'gcsdir-11': { why: 'a leading slash is refused', code: 'INVALID_KEY', files: [] },
    'gcsdir-16': { why: 'a leading slash is refused', code: 'INVALID_KEY', keys: [] },
    'gcsdir-17': {
      why: 'an empty path is the whole store, and no error',
      keys: ['.hidden', 's/y.log', 's/z.txt', 'x.txt'],
    },
    'gcsdir-18': { why: 'a folder that is missing is an error', code: 'NOT_FOUND' },
    'gcsdir-19': { why: '~ is not expanded', code: 'NOT_FOUND', keys: [] },
    'gcsdir-22': { why: 'keys below the folder, and no siblings', listed: below },
    'gcsdir-23': { why: 'keys are relative to the folder', listed: below.slice(1) },
    'gcsdir-26': { why: 'there are no folders, only keys', listed: below },
  },
  async fill(names) {
    const bucket = await createGcsBucket(url, `d-${randomUUID()}`)
    for (const name of names) {
      const query = `uploadType=media&name=${encodeURIComponent(name)}`
      const body = name.endsWith('/') ? '' : `content of ${name}`
      const answer = await fetch(`${url}/upload/storage/v1/b/${bucket}/o?${query}`, {
        method: 'POST',
        body,
      })
      if (!answer.ok) throw new Error(`${name} was not taken: HTTP ${answer.status}`)
    }
    return bucket
  },
  open: (bucket, block) =>
    createGcsStore({ bucket, folder: block?.bucket_folder ?? '', storage: clientOf(url) }),
})
