import type { BigIntStats, Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DriverCall, Entry } from '@prefect-ts/store'
import { errorCode, fileError, isInside, isTemporaryName, realPath } from '@prefect-ts/store/files'
import { isTooLong } from './base-path.ts'
import { etagOf } from './file-state.ts'

interface Found {
  readonly name: string
  readonly isFolder: boolean
  /** Where a link leads. */
  readonly real?: string
}

// Files looked at ahead of the reader.
const ahead = 32

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The files below `base` whose keys start with `prefix`, in UTF-8 byte order, one folder in memory at a time. Links are
 * followed unless they lead outside of the base or into a loop. Temporary files of writers, names that are not UTF-8
 * and names that no key can reach are left out. Links may make a small tree a very large one: the signal is heard in
 * every folder.
 *
 * @yields One entry per file.
 */
export async function* listFiles(
  base: string,
  prefix: string,
  call: DriverCall,
): AsyncGenerator<Entry> {
  if (isTooLong(prefix)) return
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  if (folder.includes('//') || prefix.startsWith('~')) return
  const top = realPath(`${base}/${folder}`)
  if (top !== undefined && isInside(top, base)) yield* walk(top, folder, [top])

  async function* walk(
    path: string,
    keys: string,
    above: readonly string[],
  ): AsyncGenerator<Entry> {
    call.signal.throwIfAborted()
    call.touch()
    const children = await readFolder(path, base)
    for (let start = 0; start < children.length; start += ahead) {
      const some = children.slice(start, start + ahead)
      const states = await Promise.all(
        some.map(async (found) => {
          if (found.isFolder || !(keys + found.name).startsWith(prefix)) return undefined
          return await stateOf(found.real ?? join(path, found.name))
        }),
      )
      for (const [index, found] of some.entries()) {
        const key = keys + found.name
        const state = states[index]
        if (keys === '' && key.startsWith('~')) continue
        if (found.isFolder) {
          const real = found.real ?? join(path, found.name)
          if (!`${key}/`.startsWith(prefix) || above.includes(real)) continue
          yield* walk(real, `${key}/`, [...above, real])
        } else if (state?.isFile() === true) {
          const lastModified = new Date(Number(state.mtimeNs / 1_000_000n))
          yield { key, size: Number(state.size), etag: etagOf(state), lastModified }
        }
      }
    }
  }
}

async function readFolder(path: string, base: string): Promise<Found[]> {
  let children
  try {
    children = await readdir(path, { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return []
    throw fileError(error, `Cannot list ${path}`, { path })
  }
  const found: { child: Found; order: Buffer }[] = []
  for (const entry of children) {
    const child = await inspect(entry, path, base)
    if (child === undefined) continue
    // A folder sorts as its name with a slash: "a.b" comes before what is in "a".
    found.push({ child, order: child.isFolder ? Buffer.from(`${child.name}/`) : entry.name })
  }
  return found.toSorted((a, b) => Buffer.compare(a.order, b.order)).map(({ child }) => child)
}

async function inspect(
  child: Dirent<Buffer>,
  folder: string,
  base: string,
): Promise<Found | undefined> {
  let name: string
  try {
    name = decoder.decode(child.name)
  } catch {
    return undefined
  }
  if (isTemporaryName(name)) return undefined
  if (child.isFile()) return { name, isFolder: false }
  if (child.isDirectory()) return { name, isFolder: true }
  // Links, and everything on file systems that do not tell types in a listing.
  const real = realPath(join(folder, name))
  if (real === undefined || !isInside(real, base)) return undefined
  const state = await stateOf(real)
  if (state === undefined || !(state.isFile() || state.isDirectory())) return undefined
  return { name, isFolder: state.isDirectory(), real }
}

async function stateOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return undefined
    throw fileError(error, `Cannot inspect ${path}`, { path })
  }
}
