import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@prefect-ts/store'
import type { Store } from '@prefect-ts/store'
import { createLocalStore, localAdapter } from '@prefect-ts/store-local'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let root = ''
let base = ''
let store: Store

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'store-local-')))
  base = join(root, 'base')
  await mkdir(base)
  store = createLocalStore({ basepath: base })
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

async function keys(prefix = ''): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of store.list({ prefix })) found.push(key)
  return found
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => 'it resolved',
    (error: unknown) => error,
  )
}

describe('where things are', () => {
  it('locate is the absolute path and url the folder', () => {
    expect(store.locate('a b/ż.csv')).toBe(join(base, 'a b/ż.csv'))
    expect(store.url).toBe(`file://${base}/`)
    expect(createLocalStore({ basepath: '/' }).url).toBe('file:///')
  })

  it.each([undefined, null, ''])(
    'the base path %o is the current folder of each call',
    async (basepath) => {
      const floating = createLocalStore({ basepath })
      const before = process.cwd()
      try {
        process.chdir(base)
        expect(floating.locate('k')).toBe(join(base, 'k'))
        process.chdir(root)
        expect(floating.locate('k')).toBe(join(root, 'k'))
      } finally {
        process.chdir(before)
      }
    },
  )

  it('a base path that can not be one is refused at once', async () => {
    const options = { basepath: '~no-such-user-zz/x' }
    expect(() => createLocalStore(options)).toThrow('"~no-such-user-zz/x" is refused: the home')
    expect(() => createLocalStore({ basepath: 'a\0b' })).toThrow(/NUL/)
    await symlink('loop', join(root, 'loop'))
    expect(() => createLocalStore({ basepath: join(root, 'loop') })).toThrow(/loop of symlinks/)
  })
})

describe('symlinks', () => {
  it('inside of the base are followed, and kept by an overwrite', async () => {
    await mkdir(join(base, 'day'))
    await symlink('day', join(base, 'latest'))
    await store.put('latest/data', 'x')
    expect(await readFile(join(base, 'day/data'), 'utf8')).toBe('x')
    expect(await keys()).toEqual(['day/data', 'latest/data'])
    await store.delete('latest/data')
    expect(await keys()).toEqual([])
  })

  it('that lead outside are refused by every method and not listed', async () => {
    await mkdir(join(root, 'base2'))
    await writeFile(join(root, 'base2/secret'), 'secret')
    await symlink('../base2', join(base, 'folder'))
    await symlink(join(root, 'base2/secret'), join(base, 'file'))
    await symlink(join(root, 'base2/fresh'), join(base, 'dangling'))
    for (const key of ['folder/secret', 'file', 'dangling']) {
      const refused = {
        code: 'INVALID_KEY',
        key,
        message: expect.stringContaining('outside of the base path'),
      }
      expect(await failureOf(store.get(key))).toMatchObject(refused)
      expect(await failureOf(store.head(key))).toMatchObject(refused)
      expect(await failureOf(store.put(key, 'x'))).toMatchObject(refused)
      expect(await failureOf(store.delete(key))).toMatchObject(refused)
      expect(() => store.locate(key)).toThrow(/outside/)
    }
    expect(await keys()).toEqual([])
    expect(await keys('folder/')).toEqual([])
    expect(await readdir(join(root, 'base2'))).toEqual(['secret'])
  })

  it('in a loop end a listing of that branch only', async () => {
    await store.put('a/x', 'x')
    await symlink('..', join(base, 'a/up'))
    await symlink('self', join(base, 'self'))
    expect(await keys()).toEqual(['a/x'])
    expect(await failureOf(store.get('self'))).toMatchObject({ code: 'INVALID_KEY' })
  })
})

describe('a listing', () => {
  it('leaves out what no key names: leftovers of a crash, pipes, names that are no UTF-8', async () => {
    await store.put('data', 'x')
    await writeFile(join(base, '.data.0123456789abcdef0123456789ab.prefect-ts-tmp'), 'half')
    await writeFile(Buffer.concat([Buffer.from(`${base}/bad`), Buffer.from([0xff])]), 'x')
    await writeFile(join(base, '~home'), 'x')
    await mkdir(join(base, 'empty/folder'), { recursive: true })
    execFileSync('mkfifo', [join(base, 'pipe')])
    expect(await keys()).toEqual(['data'])
  })

  it('of a base that does not exist is empty', async () => {
    store = createLocalStore({ basepath: join(root, 'not/yet') })
    expect(await keys()).toEqual([])
    expect(await store.get('k')).toBeUndefined()
  })
})

describe('a put that fails', () => {
  it('leaves no temporary file', async () => {
    await store.put('k', 'old')
    const controller = new AbortController()
    const reason = new Error('enough')
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(400_000)
      throw reason
    }
    async function* aborting(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(400_000)
      controller.abort(reason)
      yield new Uint8Array(400_000)
    }
    const { signal } = controller
    expect(await failureOf(store.put('k', failing()))).toBe(reason)
    expect(await readdir(base)).toEqual(['k'])
    expect(await failureOf(store.put('k', aborting(), { signal }))).toBe(reason)
    expect(await readdir(base)).toEqual(['k'])
    const size = { size: 5 }
    expect(await failureOf(store.put('k', 'long text', size))).toMatchObject({
      code: 'LENGTH_MISMATCH',
    })
    expect(await failureOf(store.put('k', 'x', { ifAbsent: true }))).toMatchObject({
      code: 'ALREADY_EXISTS',
    })
    expect(await readdir(base)).toEqual(['k'])
    expect(await readFile(join(base, 'k'), 'utf8')).toBe('old')
  })

  it('says so when a part of its body can not be read', async () => {
    const missing = createReadStream(join(root, 'missing'))
    expect(await failureOf(store.put('k', missing))).toMatchObject({ code: 'ENOENT' })
    expect(await readdir(base)).toEqual([])
  })
})

describe('what is no object', () => {
  it('a temporary name is no key', async () => {
    const key = 'a/.data.0123456789abcdef0123456789ab.prefect-ts-tmp'
    expect(await failureOf(store.put(key, 'x'))).toMatchObject({ code: 'INVALID_KEY', key })
  })

  it('a pipe is refused without waiting for it', async () => {
    execFileSync('mkfifo', [join(base, 'pipe')])
    const refused = { code: 'NOT_A_FILE', message: expect.stringContaining(join(base, 'pipe')) }
    expect(await failureOf(store.get('pipe'))).toMatchObject(refused)
    expect(await failureOf(store.put('pipe', 'x'))).toMatchObject(refused)
    expect(await failureOf(store.delete('pipe'))).toMatchObject(refused)
  })

  it('a pipe, a socket or a folder is no file to upload, and is not waited for', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    await mkdir(join(root, 'folder'))
    const server = createServer().listen(join(root, 'socket'))
    await once(server, 'listening')
    for (const name of ['pipe', 'socket', 'folder']) {
      const message = `Cannot read ${join(root, name)}: it is not a file`
      const failure = await failureOf(store.upload(join(root, name), 'k'))
      expect(failure).toMatchObject({ code: 'NOT_A_FILE', key: 'k', message })
    }
    server.close()
  })

  it('a folder is nothing to read, and is never overwritten or removed', async () => {
    await mkdir(join(base, 'folder'))
    expect(await store.get('folder')).toBeUndefined()
    await store.delete('folder')
    const refused = { code: 'NOT_A_FILE', message: expect.stringContaining(join(base, 'folder')) }
    expect(await failureOf(store.put('folder', 'x'))).toMatchObject(refused)
    await writeFile(join(base, 'plain'), 'p')
    expect(await store.get('plain/below')).toBeUndefined()
    expect(await failureOf(store.put('plain/below', 'x'))).toMatchObject({ code: 'NOT_A_FILE' })
    expect((await readdir(base)).toSorted()).toEqual(['folder', 'plain'])
  })
})

describe('permissions', () => {
  it('that are missing are named with the path', async ({ skip }) => {
    await store.put('locked/k', 'old')
    await chmod(join(base, 'locked/k'), 0o600)
    await chmod(join(base, 'locked'), 0o555)
    await chmod(root, 0o755)
    const isRoot = process.geteuid?.() === 0
    if (process.seteuid === undefined) skip('this system has no user ids')
    if (isRoot) process.seteuid?.(65_534)
    try {
      const path = join(base, 'locked')
      const denied = {
        code: 'ACCESS_DENIED',
        message: expect.stringContaining(path),
        retryable: false,
      }
      expect(await failureOf(store.put('locked/new', 'x'))).toMatchObject({
        ...denied,
        key: 'locked/new',
      })
      expect(await failureOf(store.put('locked/k', 'x'))).toMatchObject(denied)
      expect(await failureOf(store.delete('locked/k'))).toMatchObject(denied)
    } finally {
      if (isRoot) process.seteuid?.(0)
      await chmod(join(base, 'locked'), 0o755)
    }
    expect(await readdir(join(base, 'locked'))).toEqual(['k'])
    expect(await readFile(join(base, 'locked/k'), 'utf8')).toBe('old')
  })
})

describe('localAdapter', () => {
  it('opens a block', async () => {
    const block = { type: 'local-file-system', name: 'etl-data', data: { basepath: base } }
    const opened = await openStore(block, { adapters: [localAdapter] })
    await opened.put('k', 'x')
    expect(await readFile(join(base, 'k'), 'utf8')).toBe('x')
  })

  it.each([
    [{ basepath: 5 }, 'its basepath is neither text nor null'],
    [{ basepath: '/x', bucket: 'y' }, 'its field bucket is not known'],
  ])('refuses %o', async (data, reason) => {
    const block = { type: 'local-file-system', name: 'etl-data', data }
    expect(await failureOf(openStore(block, { adapters: [localAdapter] }))).toMatchObject({
      code: 'INVALID_CONFIG',
      message: `Cannot open block "local-file-system/etl-data" as a store: ${reason}`,
    })
  })
})
