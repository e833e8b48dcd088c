import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isStoreError } from '@prefect-ts/store'
import { createLocalStore } from '@prefect-ts/store-local'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolvePath } from '../src/base-path.ts'
import { enterSandbox, leaveSandbox, prepareVector } from './sandbox.ts'

/** What Prefect 3.8.8's LocalFileSystem did. `{TMP}` is the sandbox, $HOME is `{TMP}/home`, the cwd `{TMP}/cwd`. */
interface Vector {
  readonly id: string
  readonly block: { readonly basepath?: string }
  readonly path: string | null
  readonly setup: readonly (readonly string[])[]
  readonly resolved?: string
  readonly error?: string
  readonly resolve_only?: boolean
  readonly python_writes?: readonly string[] | null
}

const text = await readFile(new URL('local-vectors.json', import.meta.url), 'utf8')
const count = (JSON.parse(text) as Vector[]).length
let sandbox = ''

beforeEach(async () => {
  sandbox = await enterSandbox()
  for (const name of ['base', 'base2', 'outside', 'home/sub']) await mkdir(join(sandbox, name))
  await writeFile(join(sandbox, 'outside/secret.txt'), 'secret')
})

afterEach(async () => {
  await leaveSandbox(sandbox)
})

async function filesWith(content: string): Promise<string[]> {
  const entries = await readdir(sandbox, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const found: string[] = []
  for (const file of files) {
    if ((await readFile(file, 'utf8')) === content) found.push(file.slice(sandbox.length + 1))
  }
  return found
}

/** Whether the rules for keys of all stores let a path through; the others are refused on purpose. */
function isKey(path: string | null): path is string {
  return (
    path !== null &&
    path !== '' &&
    !/^[/~]|\0/.test(path) &&
    path.isWellFormed() &&
    !path.split('/').some((segment) => segment === '.' || segment === '..')
  )
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (isStoreError(error)) return undefined
    throw error
  }
}

describe('paths of LocalFileSystem', () => {
  it('come with their vectors', () => {
    expect(count).toBe(94)
  })

  it.each(Array.from({ length: count }, (_, index) => index))(
    'vector %i resolves alike',
    async (index) => {
      const { block, path, resolved } = await prepareVector<Vector>(text, index, sandbox)
      expect(attempt(() => resolvePath(block.basepath, path ?? ''))).toBe(resolved)
    },
  )

  it.each(Array.from({ length: count }, (_, index) => index))(
    'vector %i, as a key, writes the same file or is refused',
    async (index) => {
      const { block, path, resolved, python_writes, resolve_only } = await prepareVector<Vector>(
        text,
        index,
        sandbox,
      )
      const store = createLocalStore(block)
      const key = path ?? ''
      const located = attempt(() => store.locate(key))
      expect(located).toBe(isKey(path) ? resolved : undefined)
      if (resolve_only === true) return
      const written = await store.put(key, 'DATA').then(
        () => true,
        (error: unknown) => !isStoreError(error, 'INVALID_KEY', 'NOT_A_FILE'),
      )
      const mayWrite = isKey(path) && Array.isArray(python_writes) && python_writes.length > 0
      expect(written).toBe(mayWrite)
      expect(await filesWith('DATA')).toEqual(mayWrite ? python_writes : [])
    },
  )
})
