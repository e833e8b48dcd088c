/** Bytes that an answer which is no content of an object may have. No listing comes near it; SDKs would gather any answer in memory. */
export const maxReplyBytes: number = 16 * 1024 * 1024

/** The error for an answer that is longer. */
export function replyTooLong(): Error {
  return new Error(`the server answered with more than ${maxReplyBytes} bytes`)
}
