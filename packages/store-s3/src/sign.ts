import type { Connection } from './connection.ts'

/** A presigned URL for an object. */
export async function sign(
  { client, sdk }: Connection,
  target: { readonly Bucket: string; readonly Key: string },
  method: 'GET' | 'PUT',
  expiresInMs: number,
): Promise<string> {
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner')
  const expiresIn = Math.floor(expiresInMs / 1000)
  if (method === 'GET') {
    return await getSignedUrl(client, new sdk.GetObjectCommand(target), { expiresIn })
  }
  const command = new sdk.PutObjectCommand(target)
  // Else the checksum of an empty body would be part of the URL, and no content would fit it.
  command.middlewareStack.add(
    (next) => (args) => {
      const { request } = args as { request?: { headers: Record<string, string>; query: object } }
      if (request !== undefined) {
        for (const name of Object.keys(request.headers)) {
          if (/^x-amz-(checksum|sdk-checksum)/.test(name)) delete request.headers[name]
        }
      }
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'high' },
  )
  return await getSignedUrl(client, command, { expiresIn })
}
