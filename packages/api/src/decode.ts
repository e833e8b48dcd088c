import type { Exchange } from './exchange.ts'

/** Up to this many bytes are unpacked at once; they cannot become more than 16 MiB. */
const synchronousLimit = 16 * 1024

/**
 * The answer with its body unpacked, never to more than `limit` bytes; `undefined` for a body that is
 * not what its `Content-Encoding` says. One that would become larger comes back empty and `truncated`.
 */
export async function decode(answer: Exchange, limit: number): Promise<Exchange | undefined> {
  const encoding = String(answer.headers['content-encoding'] ?? 'identity').toLowerCase()
  if (encoding === 'identity') return answer
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return undefined
  if (answer.body.length === 0) return answer
  // Loaded only now: most answers are too short for the server to pack them.
  const { gunzip, gunzipSync, constants } = process.getBuiltinModule('node:zlib')
  const options = {
    maxOutputLength: limit,
    // Of an error's body only the beginning was read.
    finishFlush: answer.truncated ? constants.Z_SYNC_FLUSH : constants.Z_FINISH,
  }
  try {
    const body =
      answer.body.length <= synchronousLimit
        ? gunzipSync(answer.body, options)
        : await new Promise<Buffer>((resolve, reject) => {
            gunzip(answer.body, options, (error, result) => {
              if (error === null) resolve(result)
              else reject(error)
            })
          })
    return { ...answer, body }
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    return tooLarge ? { ...answer, body: Buffer.alloc(0), truncated: true } : undefined
  }
}
