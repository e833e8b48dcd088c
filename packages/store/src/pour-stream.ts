import { Writable } from 'node:stream'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ChunkSink } from './driver.ts'

/**
 * Pours a stream whose chunks nobody else holds. Memory that only a chunk had is given back at once: as garbage some
 * 64 MiB of it would gather before V8 looks.
 */
export async function pourStream(stream: Readable, sink: ChunkSink): Promise<void> {
  await pipeline(
    stream,
    new Writable({
      write(chunk: Uint8Array, _encoding, settle) {
        const taken = (): void => {
          const { buffer } = chunk
          // A smaller chunk may share its memory with others.
          const isAlone = buffer.byteLength === chunk.byteLength
          if (isAlone && buffer instanceof ArrayBuffer) buffer.transfer(0)
          settle()
        }
        try {
          const taking = sink(chunk)
          if (taking === undefined) taken()
          else taking.then(taken).catch(settle)
        } catch (error) {
          settle(error as Error)
        }
      },
    }),
  )
}
