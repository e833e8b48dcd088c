import type { DriverInfo } from '@prefect-ts/store'

/** The fields of an object that we ask for, in Google's `fields` form. */
export const objectFields = 'name,size,generation,updated,contentType,metadata,crc32c'

/** An object as the JSON API describes it. */
export interface GcsObject extends DriverInfo {
  readonly name: string
  readonly generation: string
  /** CRC32C of the content in hex, which composed objects have too; undefined when the server keeps none. */
  readonly crc32c: string | undefined
}

/** Reads an object's description. Throws when it lacks what every server gives. */
export function parseObject(value: unknown): GcsObject {
  const fields = recordOf(value)
  const name = fields['name']
  const generation = String(fields['generation'])
  const size = Number(fields['size'] ?? 0)
  const lastModified = new Date(String(fields['updated']))
  if (
    typeof name !== 'string' ||
    !/^\d+$/.test(generation) ||
    !Number.isSafeInteger(size) ||
    Number.isNaN(lastModified.getTime())
  ) {
    throw new Error('the server described an object without name, size, generation or time')
  }
  const crc32c = typeof fields['crc32c'] === 'string' ? hexOf(fields['crc32c']) : undefined
  return {
    name,
    generation,
    crc32c,
    size,
    etag: etagOf(generation),
    lastModified,
    contentType: typeof fields['contentType'] === 'string' ? fields['contentType'] : undefined,
    metadata: Object.fromEntries(
      Object.entries(recordOf(fields['metadata'])).map(([key, text]) => [key, String(text)]),
    ),
    digest: crc32c === undefined ? undefined : { algorithm: 'crc32c', hex: crc32c },
  }
}

/** Our etag is the generation: every write makes a new one, a change of metadata does not. */
export function etagOf(generation: string): string {
  return `"${generation}"`
}

/** The generation in an etag; undefined when it is none of this store's. */
export function generationOf(etag: string): string | undefined {
  return /^"(\d{1,19})"$/.exec(etag)?.[1]
}

/** A CRC32C as Google writes it, from hex. */
export function base64Of(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}

/** An object whose own properties may be read; empty for anything that is none. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function hexOf(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64')
  return bytes.byteLength === 4 ? bytes.toString('hex') : undefined
}
