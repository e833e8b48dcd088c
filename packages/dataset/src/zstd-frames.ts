const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a50

/**
 * Cuts a zstd file into its frames, streamed: a file may have many (of pzstd, or put together by `cat`), and Node's decompressor stops behind the first one without
 * a word. One that is cut off is an error here, because Node 22 takes it for whole. Skippable frames are left out. What is no frame is given as one, for the decompressor to refuse.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8878
 * @yields Each frame, to be read to its end before the next one.
 */
export async function* zstdFrames(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const source = chunks[Symbol.asyncIterator]()
  let held = Buffer.alloc(0)
  let hasEnded = false
  try {
    for (let isFirst = true; isFirst || (await hold(1)); isFirst = false) {
      if ((await hold(8)) && (held.readUInt32LE(0) & ~0xf) >>> 0 === SKIPPABLE) {
        for await (const _ of take(8 + held.readUInt32LE(4)));
        continue
      }
      yield frame()
    }
  } finally {
    await source.return?.()
  }

  async function* frame(): AsyncGenerator<Uint8Array> {
    if (!(await hold(5))) throw cutOff()
    if (held.readUInt32LE(0) !== FRAME) {
      yield* take(Infinity)
      return
    }
    const flags = held.readUInt8(4)
    const isSingle = (flags & 0x20) !== 0
    const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
    const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0
    yield* whole(5 + (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes)
    for (let isLast = false; !isLast;) {
      if (!(await hold(3))) throw cutOff()
      const head = held.readUIntLE(0, 3)
      isLast = (head & 1) === 1
      const isRepeated = ((head >> 1) & 3) === 1
      yield* whole(3 + (isRepeated ? 1 : head >> 3))
    }
    yield* whole((flags & 4) === 0 ? 0 : 4)
  }

  async function* whole(count: number): AsyncGenerator<Uint8Array> {
    let left = count
    for await (const part of take(count)) {
      left -= part.byteLength
      yield part
    }
    if (left > 0) throw cutOff()
  }

  /** Whether that many bytes are there to look at. */
  async function hold(count: number): Promise<boolean> {
    while (held.byteLength < count && !hasEnded) {
      const next = await source.next()
      if (next.done === true) hasEnded = true
      else held = held.byteLength === 0 ? asBuffer(next.value) : Buffer.concat([held, next.value])
    }
    return held.byteLength >= count
  }

  async function* take(count: number): AsyncGenerator<Uint8Array> {
    let left = count
    while (left > 0 && (await hold(1))) {
      const part = held.subarray(0, left)
      held = held.subarray(part.byteLength)
      left -= part.byteLength
      yield part
    }
  }
}

function cutOff(): Error {
  return new Error('unexpected end of file')
}

function asBuffer(bytes: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
}
