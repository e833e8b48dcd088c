import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { measure, report } from './lib/harness.ts'
import type { Contender } from './lib/harness.ts'
import { isFull, withS3, writeRandom } from './lib/s3.ts'

const mebibytes = isFull ? 1024 : 256
const files = 1_000
const rounds = isFull ? 7 : 3

/**
 * Whole processes against rclone's S3 server on this machine: a large file up and down, one of 64 MiB, many small
 * ones. Sizes and rounds are those of the README with PREFECT_TS_TRIALS=full, smaller otherwise.
 */
export async function storeS3(): Promise<void> {
  await withS3(async ({ folder, node, s5cmd, python, versions }) => {
    const run = async (name: string, title: string, contenders: Contender[]): Promise<void> => {
      report(`store-s3-${name}`, title, await measure(contenders, rounds), versions)
    }
    const [large, down, medium, many] = ['large', 'down', 'medium', 'many'].map((name) =>
      join(folder, name),
    ) as [string, string, string, string]
    await writeRandom(large, mebibytes)
    await writeRandom(medium, 64)
    await mkdir(many)
    for (let index = 0; index < files; index++) {
      await writeFile(join(many, `${index}`), Buffer.alloc(10_240, index % 251))
    }

    await run('upload', `Upload of ${mebibytes} MiB`, [
      { name: 'store-s3 upload', ...node('s3-store.mjs', ['upload', large, 'up']) },
      { name: 'lib-storage Upload', ...node('s3-raw.mjs', ['upload', large, 'up']) },
      { name: '...and HeadObject', ...node('s3-raw.mjs', ['upload-head', large, 'up']) },
      { name: 's5cmd cp', ...s5cmd(['cp', large, 's3://bench/up']) },
    ])
    await run('download', `Download of ${mebibytes} MiB`, [
      { name: 'store-s3 download', ...node('s3-store.mjs', ['download', 'up', down]) },
      { name: 'MD5 of the file alone', ...node('md5.mjs', [large]) },
      { name: 'GetObject to a file', ...node('s3-raw.mjs', ['download', 'up', down]) },
      { name: 's5cmd cp', ...s5cmd(['cp', 's3://bench/up', down]) },
    ])
    await run('upload-64', 'Upload of 64 MiB', [
      { name: 'store-s3 upload', ...node('s3-store.mjs', ['upload', medium, 'up64']) },
      { name: 'Python upload_from_path', ...python(['upload', medium, 'up64']) },
    ])
    await run('many', `Upload of ${files} x 10 KiB`, [
      { name: 'store-s3 uploadDirectory', ...node('s3-store.mjs', ['directory', many, 'many']) },
      { name: 'PutObject of each', ...node('s3-raw.mjs', ['directory', many, 'many']) },
      { name: 'Python upload_from_folder', ...python(['directory', many, 'many']) },
      { name: 's5cmd cp', ...s5cmd(['cp', `${many}/*`, 's3://bench/many/']) },
    ])
  })
}
