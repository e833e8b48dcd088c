import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { downloadDirectory, uploadDirectory } from '@prefect-ts/store'
import { createS3Store } from '@prefect-ts/store-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestServer } from '../../../test/servers/process.ts'
import { makeBucket, rawClient, s3Keys, servers } from './servers.ts'
import { filesBelow } from '../../../test/files-below.ts'

// The bucket, folders and calls of s3-directories.json, where Prefect 3.8.8's S3Bucket was asked (`s3dir-NN`).
const objects = [
  'top.txt',
  'folder/a.txt',
  'folder/sub/b.txt',
  'folder/sub/deep/c.txt',
  'folder/empty/',
  'folder-other/x.txt',
  'folder.txt',
  'sub/root-sub.txt',
  'subx/y.txt',
]

let server: TestServer
let root = ''
let bucket = ''

beforeAll(async () => {
  const start = servers['moto']
  if (start === undefined) throw new Error('no moto')
  server = await start()
}, 60_000)

afterAll(async () => {
  await server.stop()
})

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 's3-directories-'))
  bucket = await makeBucket(server.url)
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

const open = (folder: string) =>
  createS3Store({
    bucket,
    folder,
    endpoint: server.url,
    credentials: s3Keys,
    region: 'us-east-1',
  })

/** Through the SDK: a store would refuse some of these keys. */
async function fill(keys: readonly string[]): Promise<void> {
  const client = rawClient(server.url)
  for (const Key of keys) {
    const Body = Buffer.from(Key.endsWith('/') ? '' : `content of ${Key}`)
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))
  }
  client.destroy()
}

describe('downloads of directories', () => {
  it.each([
    ['as s3dir-01', '', '', objects.filter((key) => !key.endsWith('/'))],
    ['as s3dir-03', 'folder/', '', ['a.txt', 'sub/b.txt', 'sub/deep/c.txt']],
    ['without the siblings of s3dir-02', 'folder', '', ['a.txt', 'sub/b.txt', 'sub/deep/c.txt']],
    ['below the folder, unlike s3dir-04', 'folder', 'sub', ['b.txt', 'deep/c.txt']],
    ['by the full key, as s3dir-05', 'folder', 'folder/sub', ['b.txt', 'deep/c.txt']],
  ])('%s', async (_, folder, prefix, expected) => {
    await fill(objects)
    await downloadDirectory(open(folder), prefix, join(root, 'out'))
    expect(await filesBelow(root)).toEqual(expected.map((name) => `out/${name}`).toSorted())
    const [first = ''] = await filesBelow(root)
    expect(await readFile(join(root, first), 'utf8')).toMatch(/^content of /)
  })

  it('leave alone what no key can name, unlike s3dir-11', async () => {
    await fill(['p/a', 'p/../evil.txt', 'p/b/../../evil2.txt', 'p/./x', '../evil3.txt', '/abs.txt'])
    await downloadDirectory(open(''), 'p', join(root, 'out'))
    expect(await filesBelow(root)).toEqual(['out/a'])
    await downloadDirectory(open(''), '', join(root, 'all'))
    expect(await filesBelow(root)).toEqual(['all/p/a', 'out/a'])
  })
})

describe('uploads of directories', () => {
  const names = ['.hidden', 's/y.log', 's/z.txt', 'x.txt']

  beforeEach(async () => {
    for (const folder of ['s', 'e']) await mkdir(join(root, folder))
    for (const name of names) await writeFile(join(root, name), name)
  })

  it.each([
    ['as s3dir-12', '', '', ''],
    ['as s3dir-13', 'folder', '', 'folder/'],
    ['as s3dir-14', 'folder', 'd', 'folder/d/'],
  ])('%s', async (_, folder, prefix, start) => {
    expect((await uploadDirectory(open(folder), root, prefix)).files).toBe(4)
    const keys: string[] = []
    for await (const { key } of open('').list()) keys.push(key)
    expect(keys).toEqual(names.map((name) => start + name))
  })

  it.each([['/abs'], ['../up']])('to %s are refused, unlike s3dir-16 and 17', async (prefix) => {
    await expect(uploadDirectory(open('folder'), root, prefix)).rejects.toMatchObject({
      code: 'INVALID_KEY',
    })
  })
})
