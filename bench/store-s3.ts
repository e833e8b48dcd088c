import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { measure, report } from './lib/harness.ts'
import type { Contender } from './lib/harness.ts'
import { isFull, withS3, writeRandom } from './lib/s3.ts'
import type { S3Bench } from './lib/s3.ts'

const mebibytes = isFull ? 1024 : 256
const files = 1_000
const rounds = isFull ? 7 : 3

/** A large file up and down, against MinIO, which knows an etag without reading the object. */
export async function storeS3Minio(): Promise<void> {
  // No larger one: it keeps what was replaced for minutes.
  await withS3((bench) => largeFile(bench, 'store-s3-minio', 256), 'minio')
}

async function largeFile(
  { folder, node, s5cmd, versions }: S3Bench,
  of: string,
  size: number,
): Promise<void> {
  const [large, down] = [join(folder, 'large'), join(folder, 'down')]
  await writeRandom(large, size)
  await run(`${of}-upload`, `Upload of ${size} MiB`, versions, [
    { name: 'store-s3 upload', ...node('s3-store.mjs', ['upload', large, 'up']) },
    { name: 'lib-storage Upload', ...node('s3-raw.mjs', ['upload', large, 'up']) },
    { name: '...and HeadObject', ...node('s3-raw.mjs', ['upload-head', large, 'up']) },
    { name: 's5cmd cp', ...s5cmd(['cp', large, 's3://bench/up']) },
  ])
  await run(`${of}-download`, `Download of ${size} MiB`, versions, [
    { name: 'store-s3 download', ...node('s3-store.mjs', ['download', 'up', down]) },
    { name: 'MD5 of the file alone', ...node('md5.mjs', [large]) },
    { name: 'GetObject to a file', ...node('s3-raw.mjs', ['download', 'up', down]) },
    { name: 's5cmd cp', ...s5cmd(['cp', 's3://bench/up', down]) },
  ])
}

async function run(
  name: string,
  title: string,
  versions: S3Bench['versions'],
  contenders: Contender[],
): Promise<void> {
  report(name, title, await measure(contenders, rounds), versions)
}

/**
 * Whole processes against rclone's S3 server on this machine: a large file up and down, one of 64 MiB, many small
 * ones. Sizes and rounds are those of the README with PREFECT_TS_TRIALS=full, smaller otherwise.
 */
export async function storeS3(): Promise<void> {
  await withS3(async (bench) => {
    const { folder, node, s5cmd, python, versions } = bench
    await largeFile(bench, 'store-s3', mebibytes)
    const [medium, many] = [join(folder, 'medium'), join(folder, 'many')]
    await writeRandom(medium, 64)
    await mkdir(many)
    for (let index = 0; index < files; index++) {
      await writeFile(join(many, `${index}`), Buffer.alloc(10_240, index % 251))
    }

    await run('store-s3-upload-64', 'Upload of 64 MiB', versions, [
      { name: 'store-s3 upload', ...node('s3-store.mjs', ['upload', medium, 'up64']) },
      { name: 'Python upload_from_path', ...python(['upload', medium, 'up64']) },
    ])
    await run('store-s3-many', `Upload of ${files} x 10 KiB`, versions, [
      { name: 'store-s3 uploadDirectory', ...node('s3-store.mjs', ['directory', many, 'many']) },
      { name: 'PutObject of each', ...node('s3-raw.mjs', ['directory', many, 'many']) },
      { name: 'Python upload_from_folder', ...python(['directory', many, 'many']) },
      { name: 's5cmd cp', ...s5cmd(['cp', `${many}/*`, 's3://bench/many/']) },
    ])
  })
}
