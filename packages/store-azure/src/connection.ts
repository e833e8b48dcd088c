import type { BlobServiceClient, ContainerClient } from '@azure/storage-blob'
import { StoreError } from '@prefect-ts/store'
import { checkEndpoint, lookupUnlessMetadata } from '@prefect-ts/store/adapter'

/** How to reach an account, as a block or a caller says it. */
export type AzureAccount =
  | { readonly kind: 'connection-string'; readonly value: string; readonly from: string }
  /** The URL may have a shared access signature as its query. */
  | { readonly kind: 'url'; readonly url: URL; readonly credential: AzureCredential }

/** Who asks. */
export type AzureCredential =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'default' }
  | { readonly kind: 'shared-key'; readonly account: string; readonly key: string }
  | {
      readonly kind: 'service-principal'
      readonly tenantId: string
      readonly clientId: string
      readonly clientSecret: string
    }

/** An account whose settings are checked. The SDK is loaded and the client made with the first call. */
export interface AzureConnection {
  /** Whether URLs can be signed: only an account's key can. */
  readonly canSign: boolean
  /** The client of the container. */
  open(): Promise<ContainerClient>
}

// Azure's own client waits four seconds before its first repetition.
const retryOptions = { maxTries: 4, retryDelayInMs: 200, maxRetryDelayInMs: 5_000 }

/** The container of a client that the caller made. */
export function clientConnection(client: BlobServiceClient, container: string): AzureConnection {
  const opened = client.getContainerClient(container)
  return { canSign: 'accountKey' in opened.credential, open: () => Promise.resolve(opened) }
}

/** The container of an account. Throws `INVALID_CONFIG` for an account that can't be one. */
export function accountConnection(account: AzureAccount, container: string): AzureConnection {
  const { url, canSign } = inspect(account)
  let opening: Promise<ContainerClient> | undefined

  async function connect(): Promise<ContainerClient> {
    await refuseMetadataHost(url)
    const { BlobServiceClient, StorageSharedKeyCredential } = await import('@azure/storage-blob')
    if (account.kind === 'connection-string') {
      const service = BlobServiceClient.fromConnectionString(account.value, { retryOptions })
      return service.getContainerClient(container)
    }
    const { credential } = account
    const open = async () => {
      if (credential.kind === 'anonymous') return undefined
      if (credential.kind === 'shared-key') {
        return new StorageSharedKeyCredential(credential.account, credential.key)
      }
      const identity = await import('@azure/identity')
      if (credential.kind === 'default') return new identity.DefaultAzureCredential()
      const { tenantId, clientId, clientSecret } = credential
      return new identity.ClientSecretCredential(tenantId, clientId, clientSecret)
    }
    const service = new BlobServiceClient(account.url.href, await open(), { retryOptions })
    return service.getContainerClient(container)
  }

  return {
    canSign,
    async open() {
      opening ??= connect()
      try {
        return await opening
      } catch (error) {
        opening = undefined
        throw error
      }
    },
  }
}

function inspect(account: AzureAccount): { url: URL; canSign: boolean } {
  if (account.kind === 'url') {
    const { url, credential } = account
    if (url.protocol === 'http:' && isToken(credential)) {
      throw invalid('Tokens of Microsoft Entra go to https only: the account URL is plain http')
    }
    return { url, canSign: credential.kind === 'shared-key' }
  }
  const { value, from } = account
  const fields = new Map(
    value.split(';').flatMap((part) => {
      const at = part.indexOf('=')
      return at === -1 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as const]
    }),
  )
  const isEmulator = fields.get('UseDevelopmentStorage') === 'true'
  const key = fields.get('AccountKey')
  const name = fields.get('AccountName')
  if (!isEmulator && !(key && name) && !fields.get('SharedAccessSignature')) {
    throw invalid(`The ${from} has neither AccountName and AccountKey nor SharedAccessSignature`)
  }
  const protocol = fields.get('DefaultEndpointsProtocol') ?? 'https'
  const suffix = fields.get('EndpointSuffix') ?? 'core.windows.net'
  const text = isEmulator
    ? 'http://127.0.0.1:10000/devstoreaccount1'
    : (fields.get('BlobEndpoint') ?? `${protocol}://${name}.blob.${suffix}`)
  return { url: checkEndpoint(text, `BlobEndpoint of the ${from}`), canSign: isEmulator || !!key }
}

function isToken(credential: AzureCredential): boolean {
  return credential.kind === 'default' || credential.kind === 'service-principal'
}

/** The SDK's own connections take no look-up of ours: the host is looked up once, before the first. */
async function refuseMetadataHost({ hostname }: URL): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    lookupUnlessMetadata(hostname.replace(/^\[|\]$/g, ''), { all: true }, (error) => {
      if (error instanceof StoreError) reject(error)
      // That it can't be found is for the SDK to say.
      else resolve()
    })
  })
}

function invalid(message: string): StoreError {
  return new StoreError(message, { code: 'INVALID_CONFIG' })
}
