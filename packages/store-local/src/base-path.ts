import { quoteKey, StoreError } from '@prefect-ts/store'
import { isInside, realPath } from '@prefect-ts/store/files'
import { expandUser } from './python-path.ts'

// Of a path of 4,095 bytes, the longest of any system, every other one is a slash.
const maxSegments = 2_048
const maxLength = 65_536

/** Whether no system takes a path and to follow the links in it would take seconds. Python resolves long ones as well. */
export function isTooLong(path: string): boolean {
  return path.length > maxLength || path.split('/').length > maxSegments
}

/** The base path as Python's LocalFileSystem has it at this moment: null and '' mean the current folder. */
export function resolveBase(basepath: string | null | undefined): string {
  if (!basepath) return process.cwd()
  if (basepath.includes('\0') || !basepath.isWellFormed()) {
    throw invalidBase(basepath, 'no file name can hold NUL or half of a surrogate pair')
  }
  const expanded = expandUser(basepath)
  if (expanded === undefined)
    throw invalidBase(basepath, 'the home folder of its user is not known')
  const real = realPath(expanded)
  if (real === undefined) throw invalidBase(basepath, 'it leads through a loop of symlinks')
  return real
}

/**
 * Where a path leads, as LocalFileSystem's `_resolve_path` says: relative to the base, `~` expanded, symlinks
 * followed. Refuses what ends outside of the base with `INVALID_KEY`. A relative path without `..` is what keys are;
 * other paths are resolved all the same, so that the rules can be compared with Python's.
 */
export function resolvePath(basepath: string | null | undefined, path: string): string {
  if (path.includes('\0')) throw refuse(path, 'it holds a NUL character')
  const base = resolveBase(basepath)
  const expanded = expandUser(path)
  if (expanded === undefined) throw refuse(path, 'the home folder of its user is not known')
  const real = realPath(expanded, base)
  if (real === undefined) throw refuse(path, 'it leads through a loop of symlinks')
  if (isInside(real, base)) return real
  throw refuse(path, `it leads to ${real}, outside of the base path ${base}`)
}

function refuse(key: string, reason: string): StoreError {
  return new StoreError(`Key ${quoteKey(key)} is refused: ${reason}`, { code: 'INVALID_KEY', key })
}

function invalidBase(basepath: string, reason: string): StoreError {
  const message = `Base path ${JSON.stringify(basepath)} is refused: ${reason}`
  return new StoreError(message, { code: 'INVALID_CONFIG' })
}
