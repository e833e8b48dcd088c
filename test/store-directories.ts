// Directories as Prefect's own blocks move them: run by the packages of the stores, on their own servers.
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { downloadDirectory, isStoreError, uploadDirectory } from '../packages/store/src/index.ts'
import type { Store } from '../packages/store/src/index.ts'
import { filesBelow } from './files-below.ts'

/** What a block of Prefect 3.8.8 did. `{TMP}` is a folder of its own, with the current folder in `cwd`. */
interface Vector<Block> {
  readonly id: string
  readonly block: Block
  readonly op: string
  readonly args: {
    readonly from_path?: string
    readonly from_folder?: string
    readonly to_path?: string
    readonly to_folder?: string
    readonly local_path?: string
    readonly ignore_file?: string
    readonly folder?: string
  }
  /** In the bucket beforehand. */
  readonly objects: readonly string[]
  readonly setup: readonly (readonly string[])[]
  readonly returned?: unknown
  readonly keys_added: readonly string[]
  readonly files_added: readonly string[]
}

/** Where this library does something else. */
export interface DirectoryDifference {
  readonly why: string
  /** The code it rejects with. */
  readonly code?: string
  /** What it writes, relative to `{TMP}`. */
  readonly files?: readonly string[]
  readonly keys?: readonly string[]
  readonly listed?: readonly string[]
}

export interface DirectoryVectorsOptions<Block> {
  /** The vectors, as JSON. */
  text: string
  count: number
  differences: Readonly<Record<string, DirectoryDifference>>
  /** A new bucket with these objects. */
  fill: (names: readonly string[]) => Promise<string>
  /** The store of a block in the bucket; of all of it without a block. */
  open: (bucket: string, block?: Block) => Store
}

const listed: unique symbol = Symbol('listed')

export function testDirectoryVectors<Block>(options: DirectoryVectorsOptions<Block>): void {
  const { text, count, differences, fill, open } = options
  const vectors = JSON.parse(text) as Vector<Block>[]
  let sandbox = ''

  beforeEach(async () => {
    sandbox = await realpath(await mkdtemp(join(tmpdir(), 'directories-')))
    await mkdir(join(sandbox, 'cwd'))
  })
  afterEach(() => rm(sandbox, { recursive: true, force: true }))

  async function run(store: Store, { op, args }: Vector<Block>): Promise<unknown> {
    if (op.startsWith('list')) {
      const prefix = args.folder === undefined ? '' : `${args.folder}/`
      return { [listed]: await keysOf(store, prefix) }
    }
    const isDownload = op === 'get_directory' || op === 'download_folder_to_path'
    const given = args.local_path ?? (isDownload ? args.to_folder : args.from_folder) ?? '.'
    const folder = resolve(join(sandbox, 'cwd'), given.replace('{TMP}', sandbox))
    if (isDownload) {
      return await downloadDirectory(store, args.from_path ?? args.from_folder ?? '', folder)
    }
    const ignoreFile = args.ignore_file?.replace('{TMP}', sandbox)
    return await uploadDirectory(store, folder, args.to_path ?? args.to_folder ?? '', {
      ignoreFile,
    })
  }

  describe("directories of Prefect's block", () => {
    it('come with their vectors, and each difference with its own', () => {
      const ids = new Set(vectors.map(({ id }) => id))
      expect(ids.size).toBe(count)
      expect(Object.keys(differences).filter((id) => !ids.has(id))).toEqual([])
    })

    const rows = vectors.map(
      (vector) => [vector.id, differences[vector.id]?.why ?? 'as Python', vector] as const,
    )
    it.each(rows)('%s: %s', async (id, _why, vector) => {
      const bucket = await fill(vector.objects)
      await prepare(sandbox, vector.setup)
      const before = await filesBelow(sandbox)
      const outcome: unknown = await run(open(bucket, vector.block), vector).catch(
        (error: unknown) => error,
      )
      const difference = differences[id]
      const code = isStoreError(outcome) ? outcome.code : undefined
      if (outcome instanceof Error && code === undefined) throw outcome
      expect(code).toBe(difference?.code)
      const files = (await filesBelow(sandbox)).filter((file) => !before.includes(file))
      const expected = vector.files_added.map((file) => file.replace('{TMP}/', ''))
      expect(files).toEqual((difference?.files ?? expected).toSorted())
      // The whole bucket, but for names that no key can be.
      const keys = (await keysOf(open(bucket))).filter((key) => !vector.objects.includes(key))
      expect(keys).toEqual((difference?.keys ?? vector.keys_added).toSorted())
      const isListing = vector.op.startsWith('list')
      const names = isListing ? (outcome as { [listed]: string[] })[listed] : undefined
      expect(names).toEqual(isListing ? (difference?.listed ?? vector.returned) : undefined)
    })
  })
}

async function prepare(sandbox: string, setup: Vector<unknown>['setup']): Promise<void> {
  for (const [verb, name = '', content = name] of setup) {
    const place = join(sandbox, name)
    await mkdir(verb === 'dir' ? place : dirname(place), { recursive: true })
    if (verb === 'file') await writeFile(place, content)
  }
}

async function keysOf(store: Store, prefix = ''): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list({ prefix })) if (!key.endsWith('/')) keys.push(key)
  return keys
}
