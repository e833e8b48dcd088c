import type { ChunkSink } from './driver.ts'

/**
 * Pours chunks that nobody else holds. Memory that only a chunk had is given back at once: as garbage some 64 MiB of it
 * would gather before V8 looks.
 */
export async function pourChunks(
  chunks: AsyncIterable<Uint8Array>,
  sink: ChunkSink,
): Promise<void> {
  for await (const chunk of chunks) {
    await sink(chunk)
    const { buffer } = chunk
    // A smaller chunk may share its memory with others.
    if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0)
  }
}
