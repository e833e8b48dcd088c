import type { ServiceAccount } from './service-account.ts'
import { signWith } from './service-account.ts'

/**
 * A URL signed with a service account's key: Google's V4 signing process with `GOOG4-RSA-SHA256`, path style, of which the host is the only
 * signed header. Nothing is sent.
 */
export async function signedUrl(
  account: ServiceAccount,
  object: { readonly endpoint: URL; readonly bucket: string; readonly name: string },
  { method, expiresInMs }: { readonly method: string; readonly expiresInMs: number },
): Promise<string> {
  const { createHash } = await import('node:crypto')
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const place = `${time.slice(0, 8)}/auto/storage/goog4_request`
  const { protocol, host, pathname } = object.endpoint
  const start = pathname.replace(/\/$/, '')
  const path = `${start}/${object.bucket}/${object.name.split('/').map(encode).join('/')}`
  const query = Object.entries({
    'X-Goog-Algorithm': 'GOOG4-RSA-SHA256',
    'X-Goog-Credential': `${account.clientEmail}/${place}`,
    'X-Goog-Date': time,
    'X-Goog-Expires': String(Math.floor(expiresInMs / 1_000)),
    'X-Goog-SignedHeaders': 'host',
  })
    .map(([name, value]) => `${name}=${encode(value)}`)
    .join('&')
  const request = [method, path, query, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n')
  const digest = createHash('sha256').update(request).digest('hex')
  const text = ['GOOG4-RSA-SHA256', time, place, digest].join('\n')
  const signature = (await signWith(account, text)).toString('hex')
  return `${protocol}//${host}${path}?${query}&X-Goog-Signature=${signature}`
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
