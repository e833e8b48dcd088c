import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createStore, downloadDirectory, uploadDirectory } from '@prefect-ts/store'
import type { DirectoryProgress, Store } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPlan } from '../src/download-directory.ts'
import { collect, failureOf, faultyDriver, info } from './faulty-driver.ts'
import { filesBelow } from '../../../test/files-below.ts'

let root = ''
let folder = ''
let store: Store

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'directory-'))
  folder = join(root, 'folder')
  store = createMemoryStore()
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

async function put(...names: string[]): Promise<void> {
  for (const key of names) await store.put(key, `content of ${key}`)
}

async function create(...files: string[]): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), `content of ${file}`)
  }
}

/** Everything below `root`: files with their content, folders, and where symlinks lead. */
async function snapshot(): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const found: Record<string, string> = {}
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    const content = entry.isFile() ? await readFile(path, 'utf8') : '<no file>'
    found[path.slice(root.length + 1)] = content
  }
  return found
}

async function keys(): Promise<string[]> {
  return (await collect(store.list())).map(({ key }) => key)
}

/** A store with these keys, which the checks of a real one would refuse to write. */
function listing(...names: string[]): Store {
  return createStore(
    faultyDriver({
      async *list() {
        const { etag, lastModified } = info
        for (const key of names.toSorted()) yield { key, size: 1, etag, lastModified }
      },
      get: () =>
        Promise.resolve({
          ...info,
          size: 1,
          body: (async function* () {
            yield Buffer.from('x')
          })(),
        }),
    }),
  )
}

async function planned(folds: boolean, names: string[]): Promise<unknown> {
  const plan = createPlan(folder, 0, folds)
  for (const name of names) await plan.add(name, 1)
  await plan.check()
  return plan.files.length
}

/** What an upload and a download with the same options reject with. */
async function both(options: {
  signal?: AbortSignal
  concurrency?: number
  onProgress?: (progress: DirectoryProgress) => void
}): Promise<unknown[]> {
  return [
    await failureOf(uploadDirectory(store, folder, 'up', options)),
    await failureOf(downloadDirectory(store, 'p', join(root, 'down'), options)),
  ]
}

describe('downloadDirectory', () => {
  it('brings what is below a prefix, and nothing of its siblings', async () => {
    await put('data/a', 'data/sub/b', 'data/sub/deep/c', 'data2/x', 'data.txt', 'other/data/y')
    for (const prefix of ['data', 'data/']) {
      expect(await downloadDirectory(store, prefix, folder)).toEqual({ files: 3, bytes: 64 })
      expect(await filesBelow(root)).toEqual(['folder/a', 'folder/sub/b', 'folder/sub/deep/c'])
      expect(await readFile(join(folder, 'sub/b'), 'utf8')).toBe('content of data/sub/b')
      await rm(folder, { recursive: true })
    }
    expect((await downloadDirectory(store, '', folder)).files).toBe(6)
  })

  it('replaces existing files and keeps others', async () => {
    await create('a', 'keep')
    await put('p/a')
    await downloadDirectory(store, 'p', folder)
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('content of p/a')
    expect(await filesBelow(folder)).toEqual(['a', 'keep'])
  })

  it('leaves out folder markers, and folds empty segments as Python does', async () => {
    await store.put('p/marker/', '')
    await put('p/x//y')
    expect((await downloadDirectory(store, 'p', folder)).files).toBe(1)
    expect(await filesBelow(folder)).toEqual(['x/y'])
  })

  it('rejects when there is nothing, by prefix and store', async () => {
    await put('data2/x')
    expect(await failureOf(downloadDirectory(store, 'data', folder))).toMatchObject({
      code: 'NOT_FOUND',
      message: `Cannot download "data/" in ${store.url}: there is no object below it`,
    })
    expect(await filesBelow(root)).toEqual([])
  })

  it.each([
    [['p/ok', 'p/../../escaped'], '"." or ".." segment'],
    [['p/ok', 'p/a/./b'], '"." or ".." segment'],
    [['p/ok', 'p/..'], '"." or ".." segment'],
    [['p/ok', 'p//'], 'nothing is left'],
    [['p/ok', `p/${'é'.repeat(128)}`], 'longer than 255 bytes'],
    [['p/ok', 'p/a\0b'], 'NUL'],
    [['p/ok', 'p/\ud800'], 'surrogate'],
  ])('refuses the keys %j before it writes anything', async (names, reason) => {
    const before = await snapshot()
    const failure = await failureOf(downloadDirectory(listing(...names), 'p', folder))
    expect(failure).toMatchObject({
      code: 'INVALID_KEY',
      key: names[1],
      message: expect.stringContaining(reason),
    })
    expect(await snapshot()).toEqual(before)
  })

  it.each([
    [['p/a', 'p/a/b'], 'is a file where it needs a folder'],
    [['p/a', 'p/a-', 'p/a/b/c'], 'is a file where it needs a folder'],
    [['p/a//b', 'p/a/b'], 'leads to the same file'],
  ])('refuses the collision %j before it writes anything', async (names, reason) => {
    await put(...names)
    const failure = await failureOf(downloadDirectory(store, 'p', folder))
    expect(failure).toMatchObject({ code: 'NOT_A_FILE', message: expect.stringContaining(reason) })
    expect(await filesBelow(root)).toEqual([])
  })

  it('refuses collisions with what is on the disk before it writes anything', async () => {
    await create('a/file', 'b')
    await put('p/0', 'p/a')
    const before = await snapshot()
    expect(await failureOf(downloadDirectory(store, 'p', folder))).toMatchObject({
      code: 'NOT_A_FILE',
      key: 'p/a',
      message: expect.stringContaining(`${folder}/a exists and is not a file`),
    })
    await store.delete('p/a')
    await put('p/b/c')
    expect(await failureOf(downloadDirectory(store, 'p', folder))).toMatchObject({
      code: 'NOT_A_FILE',
      key: 'p/b/c',
      message: expect.stringContaining(`${folder}/b exists and is not a folder`),
    })
    expect(await failureOf(downloadDirectory(store, 'p', join(folder, 'b')))).toMatchObject({
      code: 'NOT_A_FILE',
    })
    expect(await snapshot()).toEqual(before)
  })

  it('sees that names collide where the disk folds them', async () => {
    for (const pair of [
      ['A', 'a'],
      ['é', 'e\u0301'],
      ['Dir', 'dir/x'],
    ]) {
      expect(await planned(false, pair)).toBe(2)
      expect(await failureOf(planned(true, pair))).toMatchObject({ code: 'NOT_A_FILE' })
    }
  })

  it('does not leave the folder by a symlink, but follows those inside', async () => {
    await create('real/x')
    await mkdir(join(root, 'outside'))
    await writeFile(join(root, 'outside/secret'), 'secret')
    await symlink('real', join(folder, 'inner'))
    await symlink('../outside', join(folder, 'out'))
    await symlink('../outside/secret', join(folder, 'file'))
    await symlink('../outside/new', join(folder, 'dangling'))
    await symlink('loop', join(folder, 'loop'))
    await put('in/inner/y')
    await downloadDirectory(store, 'in', folder)
    expect(await readFile(join(folder, 'real/y'), 'utf8')).toBe('content of in/inner/y')
    const before = await snapshot()
    for (const name of ['out/x', 'out/new/x', 'file', 'dangling', 'loop', 'loop/x']) {
      await store.delete(await keys())
      await put('p/0', `p/${name}`)
      const failure = await failureOf(downloadDirectory(store, 'p', folder))
      expect(failure).toMatchObject({ code: 'INVALID_KEY', key: `p/${name}` })
    }
    await store.delete(await keys())
    await put('p/inner/x', 'p/real/x')
    expect(await failureOf(downloadDirectory(store, 'p', folder))).toMatchObject({
      code: 'NOT_A_FILE',
    })
    expect(await snapshot()).toEqual(before)
    // The folder itself may be a link: it is the caller's.
    await symlink('outside', join(root, 'link'))
    await store.delete('p/inner/x')
    await downloadDirectory(store, 'p/real', join(root, 'link'))
    expect(await readdir(join(root, 'outside'))).toEqual(['secret', 'x'])
  })
})

describe('uploadDirectory', () => {
  it('takes all files, hidden ones too, and no unfinished ones', async () => {
    await create('a', '.hidden', 'sub/b', 'sub/deep/ż c', 'ignored.tmp')
    await mkdir(join(folder, 'empty'))
    await create('.a.0123456789abcdef0123456789ab.prefect-ts-tmp')
    const result = await uploadDirectory(store, folder, 'p/q')
    expect(result.files).toBe(5)
    expect(await keys()).toEqual([
      'p/q/.hidden',
      'p/q/a',
      'p/q/ignored.tmp',
      'p/q/sub/b',
      'p/q/sub/deep/ż c',
    ])
    const object = await store.get('p/q/sub/b')
    expect(await new Response(object?.body).text()).toBe('content of sub/b')
    await uploadDirectory(store, join(folder, 'sub'), '')
    expect(await keys()).toContain('deep/ż c')
  })

  it('comes back as it went', async () => {
    await create('a', 'sub/b', 'sub/.prefectignore', 'name\nwith newline', '%41+ &')
    await uploadDirectory(store, folder, 'p/')
    await downloadDirectory(store, 'p', join(root, 'back'))
    expect(await filesBelow(join(root, 'back'))).toEqual(await filesBelow(folder))
  })

  it('reads ignore rules only from the file that is named', async () => {
    await create('a.py', 'a.txt', 'sub/b.py', 'sub/keep.py')
    await writeFile(join(folder, '.prefectignore'), '*.py\n!keep.py\n.prefectignore\n')
    expect((await uploadDirectory(store, folder, 'all')).files).toBe(5)
    await store.delete(await keys())
    await uploadDirectory(store, folder, 'p', { ignoreFile: join(folder, '.prefectignore') })
    expect(await keys()).toEqual(['p/a.txt', 'p/sub/keep.py'])
    const missing = { ignoreFile: join(folder, 'none') }
    expect(await failureOf(uploadDirectory(store, folder, 'p', missing))).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(join(folder, 'none')),
    })
  })

  it('follows, skips or refuses symlinks', async () => {
    await create('a')
    await mkdir(join(root, 'outside'))
    await writeFile(join(root, 'outside/x'), 'x')
    await symlink('../outside', join(folder, 'dir'))
    await symlink('a', join(folder, 'file'))
    await uploadDirectory(store, folder, 'follow')
    await uploadDirectory(store, folder, 'skip', { symlinks: 'skip' })
    expect(await keys()).toEqual(['follow/a', 'follow/dir/x', 'follow/file', 'skip/a'])
    const refused = uploadDirectory(store, folder, 'refuse', { symlinks: 'refuse' })
    expect(await failureOf(refused)).toMatchObject({
      code: 'NOT_A_FILE',
      message: `Cannot upload ${folder}/dir: it is a symlink`,
    })
    const wrong = { symlinks: 'keep' as 'skip' }
    expect(await failureOf(uploadDirectory(store, folder, 'p', wrong))).toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    expect(await keys()).not.toContain('refuse/a')
  })

  it.each<[string, (file: string) => unknown, string]>([
    ['a dangling symlink', (file) => symlink('nowhere', file), 'NOT_FOUND'],
    ['a symlink to itself', (file) => symlink('z', file), 'INVALID_KEY'],
    ['a symlink to a folder above', (file) => symlink('.', file), 'INVALID_ARGUMENT'],
    ['a pipe', (file) => execFileSync('mkfifo', [file]), 'NOT_A_FILE'],
    [
      'a name that is no UTF-8',
      (file) => writeFile(Buffer.concat([Buffer.from(file), Buffer.from([0xff])]), ''),
      'INVALID_KEY',
    ],
  ])('refuses %s before it uploads anything', async (_, make, code) => {
    await create('a')
    await make(join(folder, 'z'))
    const failure = await failureOf(uploadDirectory(store, folder, 'p'))
    expect(failure).toMatchObject({
      code,
      message: expect.stringContaining(join(folder, 'z')),
    })
    expect(await keys()).toEqual([])
  })

  it('passes by what the rules ignore', async () => {
    await create('a')
    await symlink('nowhere', join(folder, 'z'))
    execFileSync('mkfifo', [join(folder, 'zz')])
    const ignoreFile = join(root, 'rules')
    await writeFile(ignoreFile, 'z\nzz\n')
    await uploadDirectory(store, folder, 'p', { ignoreFile, symlinks: 'refuse' })
    await uploadDirectory(store, folder, 'p', { ignoreFile })
    expect(await keys()).toEqual(['p/a'])
  })

  it('refuses a folder that is none', async () => {
    expect(await failureOf(uploadDirectory(store, folder, 'p'))).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(folder),
    })
    await create('a')
    expect(await failureOf(uploadDirectory(store, join(folder, 'a'), 'p'))).toMatchObject({
      code: 'NOT_A_FILE',
    })
    expect(await failureOf(uploadDirectory(store, folder, '/p'))).toMatchObject({
      code: 'INVALID_KEY',
    })
  })
})

describe('both', () => {
  beforeEach(async () => {
    for (let index = 0; index < 40; index++) {
      await put(`p/${index % 4}/${index}`)
      await create(`${index % 4}/${index}`)
    }
  })

  it('tell how far they are, in bytes and files', async () => {
    const told: DirectoryProgress[] = []
    const onProgress = (progress: DirectoryProgress): void => void told.push(progress)
    for (const work of [
      () => uploadDirectory(store, folder, 'up', { onProgress }),
      () => downloadDirectory(store, 'p', join(root, 'down'), { onProgress }),
    ]) {
      told.length = 0
      const { files, bytes } = await work()
      expect(files).toBe(40)
      expect(told.at(-1)).toEqual({ bytes, total: bytes, files: 40, totalFiles: 40 })
      expect(told.map((each) => each.bytes)).toEqual(
        told.map((each) => each.bytes).toSorted((a, b) => a - b),
      )
      expect(new Set(told.map(({ total }) => total)).size).toBe(1)
      expect(told.length).toBeGreaterThan(40)
    }
  })

  it('move no more files at a time than they are told', async () => {
    for (const concurrency of [1, 3, 16]) {
      let now = 0
      let most = 0
      const counting = async <T>(work: () => Promise<T>): Promise<T> => {
        most = Math.max(most, ++now)
        await new Promise(setImmediate)
        return await work().finally(() => now--)
      }
      const counted: Store = {
        ...store,
        upload: (file, key, options) => counting(() => store.upload(file, key, options)),
        download: (key, file, options) => counting(() => store.download(key, file, options)),
      }
      await uploadDirectory(counted, folder, 'up', { concurrency })
      await downloadDirectory(counted, 'p', join(root, 'down'), { concurrency })
      expect(most).toBe(concurrency)
    }
    for (const concurrency of [0, 1.5, 257, Number.NaN]) {
      const refused = { code: 'INVALID_ARGUMENT' }
      expect(await both({ concurrency })).toMatchObject([refused, refused])
    }
  })

  it('end with the reason of the abort, and leave no file half written', async () => {
    const reason = new Error('enough')
    expect(await both({ signal: AbortSignal.abort(reason) })).toEqual([reason, reason])
    expect(await keys()).toHaveLength(40)
    for (const atFile of [0, 5, 39]) {
      const failures: unknown[] = []
      for (const work of [uploadDirectory, downloadDirectory]) {
        const controller = new AbortController()
        const onProgress = ({ files }: DirectoryProgress): void => {
          if (files >= atFile) controller.abort(reason)
        }
        const { signal } = controller
        const from = work === uploadDirectory ? folder : 'p'
        const to = work === uploadDirectory ? 'up' : join(root, 'down')
        failures.push(await failureOf(work(store, from, to, { signal, onProgress })))
      }
      expect(failures).toEqual([reason, reason])
      const names = await filesBelow(root)
      expect(names.filter((name) => name.includes('prefect-ts-tmp'))).toEqual([])
    }
  })

  it('end with the first failure, after all others have ended', async () => {
    const failure = new Error('of the caller')
    let after = 0
    let failed = false
    const onProgress = ({ files }: DirectoryProgress): void => {
      if (failed) after++
      if (files !== 3) return
      failed = true
      throw failure
    }
    const failures = await both({ onProgress })
    expect(failures[0]).toBe(failure)
    const told = after
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(after).toBe(told)
    expect((await keys()).filter((key) => key.startsWith('up/')).length).toBeLessThan(40)
  })
})
