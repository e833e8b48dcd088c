import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
// Not by name: where Node has no zstd yet, the job is to say that Node is too old, not to fail at linking.
import zlib from 'node:zlib'
import type { Compression, Dataset } from './dataset.ts'
import { DatasetError } from './errors.ts'
import { zstdFrames } from './zstd-frames.ts'

/**
 * Compresses a stream, in constant memory.
 *
 * @yields The compressed bytes.
 */
export async function* compress(
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  // gzip always has a checksum.
  const params = { [zlib.constants.ZSTD_c_checksumFlag]: 1 }
  const zip = compression === 'gzip' ? zlib.createGzip() : zlib.createZstdCompress({ params })
  yield* through(chunks, zip)
}

/**
 * Decompresses a stream, in constant memory. Damaged or cut bytes are `INVALID_CONTENT`.
 *
 * @yields The content.
 */
export async function* decompress(
  chunks: AsyncIterable<Uint8Array>,
  dataset: Dataset,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  let sourceFailed = false
  async function* counted(): AsyncGenerator<Uint8Array> {
    // By hand: when unzipping fails, `for await` would get that error here as well.
    const source = chunks[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await source.next().catch((error: unknown) => {
          sourceFailed = true
          throw error
        })
        if (next.done === true) return
        bytes += next.value.byteLength
        yield next.value
      }
    } finally {
      await source.return?.()
    }
  }
  try {
    if (dataset.compression === 'gzip') yield* through(counted(), zlib.createGunzip())
    else
      for await (const frame of zstdFrames(counted()))
        yield* through(frame, zlib.createZstdDecompress())
  } catch (cause) {
    if (sourceFailed) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new DatasetError(
      `Dataset "${dataset.name}": the ${dataset.compression} file is damaged or cut off, seen within its first ${bytes} bytes: ${reason}.`,
      { code: 'INVALID_CONTENT', dataset: dataset.name, cause },
    )
  }
}

async function* through(
  chunks: AsyncIterable<Uint8Array>,
  transform: ReturnType<typeof zlib.createGzip>,
): AsyncGenerator<Uint8Array> {
  const fed = pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 1 }), transform)
  // Reported by the iteration below.
  fed.catch(() => undefined)
  const output: AsyncIterable<Buffer> = transform
  yield* output
  await fed
}
