// Runs in a thread of its own: reads a file as far as it is told and answers with the digest at the end.
import { readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { createDigest } from './digest.ts'
import type { FileDigestOrder, FileDigestStart } from './file-digest.ts'

const { descriptor, algorithm } = workerData as FileDigestStart
const seen = await createDigest(algorithm)
const buffer = Buffer.allocUnsafeSlow(256 * 1024)
let position = 0

parentPort?.on('message', ({ upTo, isEnd }: FileDigestOrder) => {
  while (position < upTo) {
    const wanted = Math.min(buffer.byteLength, upTo - position)
    const bytes = readSync(descriptor, buffer, 0, wanted, position)
    if (bytes === 0) throw new Error('the file is shorter than what was written')
    seen.update(buffer.subarray(0, bytes))
    position += bytes
  }
  if (isEnd) parentPort?.postMessage(seen.hex(), [])
})
