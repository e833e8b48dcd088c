import { readFile } from 'node:fs/promises'
import type { Store } from '@prefect-ts/store'
import { testStore } from '@prefect-ts/store/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestServer } from '../../../test/servers/process.ts'
import { testStoreKeys } from '../../../test/store-keys.ts'
import { makeStore, servers } from './servers.ts'

let ran = 0
const rows = new Map<string, Store>()

// What a server can't do. Each is asserted to fail there still.
const known: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  minio: {
    'prefixes are characters, not folders': 'it refuses to list the prefixes . and ..',
  },
  moto: {
    'conditions hold for large bodies too':
      'it ignores If-Match when an upload in parts completes, so that is refused',
  },
  rclone: {
    'content type and metadata are kept, or refused': 'it adds a metadata name of its own, mtime',
    'the start of a key is no object, and beside a key others may start with it':
      'a file can not be a folder, and deleting a folder is an error 500',
  },
}

describe.each(Object.entries(servers))('S3 store on %s', (name, start) => {
  let endpoint = ''
  let server: TestServer | undefined

  beforeAll(async () => {
    server = await start()
    endpoint = server.url
  }, 120_000)
  afterAll(() => server?.stop())

  // Files and folders of one name are beyond rclone, and MinIO refuses what Windows would take for "." or "..".
  if (name === 'moto') {
    testStoreKeys({
      openStore: () => makeStore(endpoint, { folder: 'willowdata/dev' }),
      // moto answers 404 to a name with a line break.
      isBeyondServer: (key) => key.includes('\n'),
    })
  }

  testStore({
    // What `known` says that this server can't do, with its reason, has to fail: the day it passes the row goes.
    test: (title, run) => (known[name]?.[title] === undefined ? it : it.fails)(title, run),
    async createStore() {
      ran++
      // rclone 1.75 ignores conditions.
      const store = await makeStore(endpoint, {
        folder: 'a/folder',
        ...(name === 'rclone' ? { conditionalWrites: false } : {}),
      })
      rows.set(name, store)
      return store
    },
  })
})

it('the README says what each server can do', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const lines = [...rows.entries()].map(([name, { capabilities }]) => {
    const cells = Object.values(capabilities).map((isThere) => (isThere ? 'yes' : 'no'))
    const differs = Object.values(known[name] ?? {}).join('; ')
    return `| ${[name, ...cells, differs].join(' | ')} |`
  })
  expect(lines.length).toBe(Object.keys(servers).length)
  for (const line of lines) expect(readme).toContain(line)
})

it('ran its cases on every server', () => {
  expect(ran).toBeGreaterThan(40 * Object.keys(servers).length)
})
