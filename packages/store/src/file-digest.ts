import type { FileHandle } from 'node:fs/promises'
import type { Worker } from 'node:worker_threads'
import { createDigest } from './digest.ts'
import { checkDigest } from './guarded-stream.ts'
import type { Digest } from './store.ts'

/** What the thread is started with. */
export interface FileDigestStart {
  readonly descriptor: number
  readonly algorithm: Digest['algorithm']
}

/** How far the thread may read. */
export interface FileDigestOrder {
  readonly upTo: number
  readonly isEnd: boolean
}

/** A check of what is in a file, made while it is being written. */
export interface FileCheck {
  /** Says how many bytes, from the start without a gap, will not change any more. */
  advance(upTo: number): void
  /** Throws `DIGEST_MISMATCH` unless the file, now complete, has the digest. Errors of the file go through `fail`. */
  verify(fail: (error: unknown) => unknown): Promise<void>
  /** Stops reading. To be awaited before the file is closed. */
  stop(): Promise<void>
}

// What a thread costs is more than the digest of so many bytes.
const leastForThread = 32 * 1024 * 1024
const stride = 8 * 1024 * 1024
const bufferSize = 1024 * 1024

/**
 * Starts to check a file of so many bytes. The digest of a large one is computed in a thread of its own, behind the
 * writer: it would be as long again as the download. Where there can be no thread, this one reads the file at the end.
 */
export async function startFileCheck(
  file: FileHandle,
  key: string,
  digest: Digest,
  size: number,
): Promise<FileCheck> {
  const thread = size < leastForThread ? undefined : await startThread(file, digest.algorithm)
  let told = 0
  return {
    advance(upTo) {
      if (upTo - told < stride) return
      told = upTo
      thread?.read({ upTo, isEnd: false })
    },
    async verify(fail) {
      thread?.read({ upTo: size, isEnd: true })
      const hex = (await thread?.hex) ?? (await readDigest(file, digest.algorithm, fail))
      checkDigest(key, digest, hex)
    },
    async stop() {
      await thread?.stop()
    },
  }
}

async function startThread(file: FileHandle, algorithm: Digest['algorithm']) {
  const workerData: FileDigestStart = { descriptor: file.fd, algorithm }
  let worker: Worker
  try {
    const { Worker } = await import('node:worker_threads')
    const script = import.meta.url.endsWith('.ts') ? './digest-thread.ts' : './digest-thread.js'
    const url = new URL(script, import.meta.url)
    // It makes hardly any garbage: room for more would be filled before it is looked at.
    const resourceLimits = { maxYoungGenerationSizeMb: 1 }
    worker = new Worker(url, { workerData, execArgv: [], resourceLimits })
  } catch {
    return undefined
  }
  // Undefined when it has failed, bundled away for one.
  const hex = new Promise<string | undefined>((resolve) => {
    worker.once('message', resolve)
    worker.once('error', () => resolve(undefined))
    worker.once('exit', () => resolve(undefined))
  })
  return {
    hex,
    read: (order: FileDigestOrder) => worker.postMessage(order, []),
    stop: async () => void (await worker.terminate()),
  }
}

async function readDigest(
  file: FileHandle,
  algorithm: Digest['algorithm'],
  fail: (error: unknown) => unknown,
): Promise<string> {
  const seen = await createDigest(algorithm)
  const buffer = Buffer.allocUnsafeSlow(bufferSize)
  for (let position = 0; ;) {
    const { bytesRead } = await file
      .read(buffer, 0, bufferSize, position)
      .catch((error: unknown) => {
        throw fail(error)
      })
    if (bytesRead === 0) return seen.hex()
    seen.update(buffer.subarray(0, bytesRead))
    position += bytesRead
  }
}
