import { lstatSync, readlinkSync } from 'node:fs'

/**
 * `os.path.realpath(path)`: symlinks are followed segment by segment, so that `..` after a link leads to the parent of
 * the link's target, and what does not exist is taken as it stands. Undefined for a loop of links, where Python up to
 * 3.12 raises RuntimeError. A relative path starts at `from`, which must be a real path; by default the current folder.
 */
export function realPath(path: string, from?: string): string | undefined {
  const done = new Map<string, string | undefined>()

  function walk(start: string, rest: string): string | undefined {
    let at = start
    for (const segment of rest.split('/')) {
      if (segment === '' || segment === '.') continue
      if (segment === '..') {
        at = at.slice(0, Math.max(1, at.lastIndexOf('/')))
        continue
      }
      const next = at === '/' ? `/${segment}` : `${at}/${segment}`
      const target = linkTarget(next)
      if (target === undefined) {
        at = next
        continue
      }
      if (!done.has(next)) {
        done.set(next, undefined)
        done.set(next, walk(target.startsWith('/') ? '/' : at, target))
      }
      const resolved = done.get(next)
      if (resolved === undefined) return undefined
      at = resolved
    }
    return at
  }

  return path.startsWith('/') ? walk('/', path) : walk(from ?? process.cwd(), path)
}

/** Whether `path` is `base` or below it, by whole segments. Both must be real paths. */
export function isInside(path: string, base: string): boolean {
  return path === base || path.startsWith(base === '/' ? '/' : `${base}/`)
}

// Most segments are no links: a `readlink` that throws costs ten times an `lstat` that does not.
function linkTarget(path: string): string | undefined {
  try {
    const state = lstatSync(path, { throwIfNoEntry: false })
    return state?.isSymbolicLink() === true ? readlinkSync(path) : undefined
  } catch {
    return undefined
  }
}
