import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { downloadDirectory, isStoreError, uploadDirectory } from '@prefect-ts/store'
import { createLocalStore } from '@prefect-ts/store-local'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { enterSandbox, leaveSandbox, prepareVector } from './sandbox.ts'
import type { Setup } from './sandbox.ts'

/** What Prefect 3.8.8's LocalFileSystem did. */
interface Vector {
  readonly id: string
  readonly block: { readonly basepath?: string }
  readonly op: 'get_directory' | 'put_directory'
  readonly args: {
    readonly from_path?: string
    readonly to_path?: string
    readonly local_path?: string
    readonly ignore_file?: string
  }
  readonly setup: Setup
  /** What appeared or changed below the sandbox: a content, `<empty dir>`, or `->` and where a symlink leads. */
  readonly changed: Readonly<Record<string, string>>
}

interface Difference {
  readonly why: string
  readonly code?: string
  readonly changed?: Readonly<Record<string, string>>
}

// All else must be as in Python, but for empty folders: a store holds objects.
const differences: Readonly<Record<string, Difference>> = {
  'localdir-07': {
    why: 'an absolute path is no key, and so no prefix',
    code: 'INVALID_KEY',
    changed: {},
  },
  'localdir-14': {
    why: 'a download reads no ignore rules: they are for what goes into a store',
    changed: {
      'out/.hidden': 'h',
      'out/.prefectignore': '*.py\n.hidden\n',
      'out/a.txt': 'a',
      'out/sub/b.txt': 'b',
      'out/sub/deep/c.py': 'c',
    },
  },
  'localdir-15': {
    why: 'a download reads no ignore rules',
    changed: {
      'out/.hidden': 'h',
      'out/.prefectignore': 'sub/\n',
      'out/a.txt': 'a',
      'out/sub/b.txt': 'b',
      'out/sub/deep/c.py': 'c',
    },
  },
  'localdir-16': {
    why: 'a download reads no ignore rules',
    changed: {
      'out/.hidden': 'h',
      'out/.prefectignore': '*\n!sub/deep/c.py\n',
      'out/a.txt': 'a',
      'out/sub/b.txt': 'b',
      'out/sub/deep/c.py': 'c',
    },
  },
  'localdir-19': {
    why: 'an object is a content, so a symlink inside comes as a file; one that leads outside is no object',
    changed: {
      'out/.hidden': 'h',
      'out/a.txt': 'a',
      'out/lf': 'a',
      'out/sub/b.txt': 'b',
      'out/sub/deep/c.py': 'c',
    },
  },
  'localdir-34': { why: 'a folder onto itself replaces each file by itself' },
  'localdir-36': {
    why: 'a dangling symlink is found before anything is copied, not after all else is',
    changed: {},
  },
}

/** What this library says where Python has an error of its own. */
const codes: Readonly<Record<string, string>> = {
  'localdir-23': 'INVALID_KEY',
  'localdir-27': 'NOT_FOUND',
  'localdir-32': 'NOT_FOUND',
  'localdir-36': 'NOT_FOUND',
}

const text = await readFile(new URL('local-directories-vectors.json', import.meta.url), 'utf8')
const ids = (JSON.parse(text) as Vector[]).map(({ id }) => id)
let sandbox = ''

beforeEach(async () => {
  sandbox = await enterSandbox()
})

afterEach(async () => {
  await leaveSandbox(sandbox)
})

async function snapshot(): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const name of await readdir(sandbox, { recursive: true })) {
    const path = join(sandbox, name)
    const state = await lstat(path)
    if (state.isSymbolicLink()) found.set(name, `->${await readlink(path)}`)
    else if (state.isFile()) found.set(name, await readFile(path, 'utf8'))
  }
  return found
}

async function run({ block, op, args }: Vector): Promise<unknown> {
  const store = createLocalStore(block)
  const folder = args.local_path ?? '.'
  if (op === 'get_directory') return await downloadDirectory(store, args.from_path ?? '', folder)
  const ignoreFile = args.ignore_file
  return await uploadDirectory(store, folder, args.to_path ?? '', { ignoreFile })
}

describe('directories of LocalFileSystem', () => {
  it('come with their vectors, and each difference with its own', () => {
    expect(ids).toHaveLength(21)
    expect(Object.keys(differences).filter((id) => !ids.includes(id))).toEqual([])
  })

  it.each(ids.map((id, index) => [id, differences[id]?.why ?? 'as Python', index] as const))(
    '%s: %s',
    async (id, _, index) => {
      const vector = await prepareVector<Vector>(text, index, sandbox)
      const before = await snapshot()
      const failure: unknown = await run(vector).then(
        () => undefined,
        (error: unknown) => error,
      )
      const difference = differences[id]
      const code = difference?.code ?? codes[id]
      expect(isStoreError(failure) ? failure.code : failure).toBe(code)
      const after = await snapshot()
      const changed = [...after].filter(([name, content]) => before.get(name) !== content)
      const files = Object.entries(vector.changed).filter(([, what]) => what !== '<empty dir>')
      expect(Object.fromEntries(changed)).toEqual(difference?.changed ?? Object.fromEntries(files))
    },
  )
})
