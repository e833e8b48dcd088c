import { isUtf8 } from 'node:buffer'
import { CsvError } from './csv-scanner.ts'

const LF = 10

/**
 * UTF-8 bytes as text that is cut behind line ends only, so no character is ever cut. A byte order mark at the start is
 * dropped. Throws `CsvError` at a line that is no UTF-8; `lineNow` tells which one the next stretch starts with.
 *
 * @yields Stretches of whole lines; the last one may lack its line end.
 */
export async function* toLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineLength: number,
  lineNow: () => number,
): AsyncGenerator<string> {
  let parts: Uint8Array[] = []
  let held = 0
  let isFirst = true
  const take = (bytes: Buffer): string => {
    const text = decode(bytes, lineNow(), isFirst)
    isFirst = false
    return text
  }
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const cut = bytes.lastIndexOf(LF) + 1
    if (cut === 0) {
      parts.push(bytes)
      held += bytes.byteLength
      if (held > maxLineLength * 4) {
        throw new CsvError(`the line is longer than ${maxLineLength} characters`, lineNow(), 1)
      }
      continue
    }
    const whole = bytes.subarray(0, cut)
    const text = take(parts.length === 0 ? whole : Buffer.concat([...parts, whole]))
    parts = cut === bytes.byteLength ? [] : [bytes.subarray(cut)]
    held = bytes.byteLength - cut
    yield text
  }
  if (held > 0) yield take(Buffer.concat(parts))
}

function decode(bytes: Buffer, line: number, isFirst: boolean): string {
  if (!isUtf8(bytes)) throw notUtf8(bytes, line, isFirst)
  const hasMark = isFirst && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return bytes.toString('utf8', hasMark ? 3 : 0)
}

function notUtf8(bytes: Buffer, firstLine: number, isFirst: boolean): CsvError {
  const mark = isFirst ? bytes.readUInt16BE(0) : 0
  if (bytes.length > 1 && (mark === 0xfffe || mark === 0xfeff)) {
    return new CsvError('the file is UTF-16; write it as UTF-8', 1, 1)
  }
  let line = firstLine
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(LF, start)
    const part = bytes.subarray(start, end === -1 ? undefined : end + 1)
    if (!isUtf8(part) || end === -1) {
      let length = 0
      while (isUtf8(part.subarray(0, length + 1)) || isCut(part, length + 1)) length += 1
      const character = part.toString('utf8', 0, length).replace(/\ufffd+$/, '').length + 1
      return new CsvError(
        'the bytes are no UTF-8; is the file in another encoding?',
        line,
        character,
      )
    }
    start = end + 1
  }
}

/** Whether the first `length` bytes end in the middle of a character that goes on well. */
function isCut(bytes: Buffer, length: number): boolean {
  for (let more = 1; more <= 3; more++) {
    if (length + more <= bytes.length && isUtf8(bytes.subarray(0, length + more))) return true
  }
  return false
}
