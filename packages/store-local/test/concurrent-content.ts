/** The keys that all writers want. */
export const keys: readonly string[] = ['k', 'folder/k', 'folder/deep/er/k', 'folder/k2']

/** A content that can't be mixed with another unseen: one byte, repeated, and a size that belongs to that byte. */
export function contentOf(number: number): Buffer {
  const byte = number % 251
  return Buffer.alloc(sizeOf(byte), byte)
}

/** Whether these bytes are one content of `contentOf`. */
export function isWhole(bytes: Buffer): boolean {
  const byte = bytes[0] ?? -1
  return bytes.byteLength === sizeOf(byte) && bytes.equals(Buffer.alloc(bytes.byteLength, byte))
}

function sizeOf(byte: number): number {
  return 1 + byte ** 2 * 5
}
