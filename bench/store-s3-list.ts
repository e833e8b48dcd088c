import { join } from 'node:path'
import { root } from '../scripts/lib/prefect-server.ts'
import { measure, report } from './lib/harness.ts'
import { isFull, startHelper, withS3 } from './lib/s3.ts'

const rounds = isFull ? 7 : 3

/** Listings of 10,000 and of 100,000 keys, against the SDK's own paginator: time, and memory that does not grow. */
export async function storeS3List(): Promise<void> {
  await withS3(async ({ node, versions }) => {
    const server = await startHelper(join(root, 'bench/lib/list-server.ts'), [])
    const url = `http://127.0.0.1:${String(server.said)}`
    try {
      for (const keys of ['10000', '100000']) {
        const list = (script: string) => node(script, ['list', `${keys}/`, keys], url)
        const rows = await measure(
          [
            { name: 'store-s3 list', ...list('s3-store.mjs') },
            { name: 'paginateListObjectsV2', ...list('s3-raw.mjs') },
          ],
          rounds,
        )
        report(`store-s3-list-${keys}`, `Listing of ${keys} keys`, rows, versions)
      }
    } finally {
      await server.stop()
    }
  })
}
