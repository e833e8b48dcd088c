import { StoreError } from '@prefect-ts/store'
import { checkEndpoint } from '@prefect-ts/store/adapter'
import type { AzureAccount } from './connection.ts'

/**
 * The account that a connection string is of, with the defaults that Python has and Azure's JavaScript SDK has not.
 * `from` is what to call it in errors. Throws `INVALID_CONFIG`.
 */
export function readConnectionString(text: string, from: string): AzureAccount {
  const fields = new Map(
    text.split(';').flatMap((part) => {
      const at = part.indexOf('=')
      return at === -1 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as const]
    }),
  )
  if (fields.get('UseDevelopmentStorage') === 'true') {
    const url = new URL('http://127.0.0.1:10000/devstoreaccount1')
    return { url, credential: { kind: 'emulator' } }
  }
  const account = fields.get('AccountName')
  const key = fields.get('AccountKey')
  const signature = fields.get('SharedAccessSignature')
  if (!(key && account) && !signature) {
    throw invalid(from, 'AccountName and AccountKey nor SharedAccessSignature')
  }
  const protocol = fields.get('DefaultEndpointsProtocol') ?? 'https'
  const suffix = fields.get('EndpointSuffix') ?? 'core.windows.net'
  const ofAccount = account && `${protocol}://${account}.blob.${suffix}`
  const endpoint = fields.get('BlobEndpoint') ?? ofAccount
  if (!endpoint) throw invalid(from, 'AccountName nor BlobEndpoint')
  const url = checkEndpoint(endpoint, `BlobEndpoint of the ${from}`)
  if (key && account) return { url, credential: { kind: 'shared-key', account, key } }
  url.search = signature ?? ''
  return { url, credential: { kind: 'anonymous' } }
}

function invalid(from: string, missing: string): StoreError {
  return new StoreError(`The ${from} has neither ${missing}`, { code: 'INVALID_CONFIG' })
}
