import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

/** Writes an object's body to a file, for tools that know only files. */
export async function saveTo(
  path: string,
  object: { body: ReadableStream<Uint8Array> },
  signal: AbortSignal,
): Promise<void> {
  await pipeline(object.body, createWriteStream(path), { signal })
}
