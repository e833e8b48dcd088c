import type { Store } from '@prefect-ts/store'
import { posix } from 'node:path'
import type { Dataset } from './dataset.ts'
import { DatasetError } from './errors.ts'

/**
 * Refuses to touch a path that a symbolic link leads into another partition, such as a `latest` that somebody has
 * linked to a day: the file of that day would be overwritten or deleted, as stores of a disk follow links.
 */
export function checkLinks(store: Store, dataset: Dataset, paths: readonly string[]): void {
  if (!store.url.startsWith('file:')) return
  const { name, type, format } = dataset
  const folder = posix.join(type, format, `dataset=${name}`)
  const real = store.locate(folder)
  for (const path of paths) {
    const target = store.locate(path)
    if (!target.startsWith(`${real}/`)) continue
    if (path.startsWith(`${folder}/`) && target === real + path.slice(folder.length)) continue
    throw new DatasetError(
      `Dataset "${name}": a symbolic link leads from "${path}" to ${target}, the file of another partition, which is ` +
        'left as it is: nothing was done. Remove the link.',
      { code: 'UNSUPPORTED', dataset: name },
    )
  }
}
