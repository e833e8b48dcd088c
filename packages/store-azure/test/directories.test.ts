import { readFileSync } from 'node:fs'
import { BlobServiceClient } from '@azure/storage-blob'
import { createAzureStore } from '@prefect-ts/store-azure'
import { inject } from 'vitest'
import { azureConnectionString } from '../../../test/servers/azurite.ts'
import { testDirectoryVectors } from '../../../test/store-directories.ts'
import { createContainer } from './container.ts'

const connectionString = azureConnectionString(inject('azureUrl'))
const text = readFileSync(new URL('azure-directories-vectors.json', import.meta.url), 'utf8')
const all = [
  'folder-other/x.txt',
  'folder.txt',
  'folder/a.txt',
  'folder/sub/b.txt',
  'sub/r.txt',
  'subx/y.txt',
  'top.txt',
]
const noMarkers = 'the marker of an empty folder is no file'

testDirectoryVectors<{ base_folder?: string }>({
  text,
  count: 12,
  differences: {
    'azdir-01': { why: noMarkers, files: all.map((name) => `out/${name}`) },
    'azdir-02': {
      why: 'a directory is whole segments: no sibling breaks it off',
      files: ['out/a.txt', 'out/sub/b.txt'],
    },
    'azdir-03': { why: noMarkers, files: ['out/a.txt', 'out/sub/b.txt'] },
    'azdir-07': {
      why: 'the current folder is one like any other',
      files: all.map((name) => `cwd/${name}`),
    },
    'azdir-08': { why: 'a folder that is missing is an error', code: 'NOT_FOUND' },
    'azdir-10': { why: noMarkers, files: all.map((name) => `cwd/~/d/${name}`) },
    'azdir-14': { why: 'a leading slash is refused', code: 'INVALID_KEY', keys: [] },
  },
  async fill(names) {
    const container = await createContainer(connectionString)
    const client = BlobServiceClient.fromConnectionString(connectionString)
    for (const name of names) {
      const content = name.endsWith('/') ? '' : `content of ${name}`
      await client
        .getContainerClient(container)
        .getBlockBlobClient(name)
        .upload(content, Buffer.byteLength(content))
    }
    return container
  },
  open: (container, block) =>
    createAzureStore({ connectionString, container, folder: block?.base_folder }),
})
