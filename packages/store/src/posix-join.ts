/**
 * `str(PurePosixPath(folder, path))`, by which Prefect's blocks for buckets join: an absolute path replaces the folder,
 * empty and `.` segments go, `..` stays, exactly two leading slashes stay two, and nothing left is `.`.
 */
export function posixJoin(folder: string, path: string): string {
  const isAbsolute = path.startsWith('/')
  const slashes = /^\/*/.exec(isAbsolute || folder === '' ? path : folder)?.[0].length ?? 0
  const joined = isAbsolute ? path : `${folder}/${path}`
  const parts = joined.split('/').filter((part) => part !== '' && part !== '.')
  const root = slashes === 2 ? '//' : slashes > 0 ? '/' : ''
  return root + parts.join('/') || '.'
}
