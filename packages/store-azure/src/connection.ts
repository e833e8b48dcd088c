import type * as Sdk from '@azure/storage-blob'
import type { BlobServiceClient, ContainerClient, RequestPolicyFactory } from '@azure/storage-blob'
import { StoreError } from '@prefect-ts/store'
import {
  lookupUnlessMetadata,
  maxReplyBytes,
  replyTooLong,
  sharedReads,
} from '@prefect-ts/store/adapter'

/** How to reach an account. */
export interface AzureAccount {
  /** May have a shared access signature as its query. */
  readonly url: URL
  readonly credential: AzureCredential
}

/** Who asks. */
export type AzureCredential =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'default' }
  /** The one account of Azurite, whose key is known to all. */
  | { readonly kind: 'emulator' }
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
  /** Whether nobody but the store gets hold of what answers bring. */
  readonly isOwn: boolean
  /** The client of the container. */
  open(): Promise<ContainerClient>
}

// Azure's own client waits four seconds before its first repetition.
const retryOptions = { maxTries: 4, retryDelayInMs: 200, maxRetryDelayInMs: 5_000 }

/** The container of a client that the caller made. */
export function clientConnection(client: BlobServiceClient, container: string): AzureConnection {
  const opened = client.getContainerClient(container)
  const canSign = 'accountKey' in opened.credential
  return { canSign, isOwn: false, open: () => Promise.resolve(opened) }
}

/** The container of an account. Throws `INVALID_CONFIG` for an account that can't be one. */
export function accountConnection(
  { url, credential }: AzureAccount,
  container: string,
): AzureConnection {
  if (url.protocol === 'http:' && isToken(credential)) {
    const message = 'Tokens of Microsoft Entra go to https only: the account URL is plain http'
    throw new StoreError(message, { code: 'INVALID_CONFIG' })
  }
  let opening: Promise<ContainerClient> | undefined

  async function connect(): Promise<ContainerClient> {
    const sdk = await import('@azure/storage-blob')
    const pipeline = sdk.newPipeline(await open(sdk, credential), { retryOptions })
    pipeline.factories.push(await connections(url))
    return new sdk.BlobServiceClient(url.href, pipeline).getContainerClient(container)
  }

  return {
    canSign: credential.kind === 'shared-key' || credential.kind === 'emulator',
    isOwn: true,
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

async function open(
  { BlobServiceClient, StorageSharedKeyCredential }: typeof Sdk,
  credential: AzureCredential,
): Promise<BlobServiceClient['credential'] | undefined> {
  if (credential.kind === 'anonymous') return undefined
  if (credential.kind === 'emulator') {
    return BlobServiceClient.fromConnectionString('UseDevelopmentStorage=true').credential
  }
  if (credential.kind === 'shared-key') {
    return new StorageSharedKeyCredential(credential.account, credential.key)
  }
  const identity = await import('@azure/identity')
  if (credential.kind === 'default') return new identity.DefaultAzureCredential()
  const { tenantId, clientId, clientSecret } = credential
  return new identity.ClientSecretCredential(tenantId, clientId, clientSecret)
}

/**
 * Puts the SDK's requests on connections of ours, unless a proxy has put them on its own. An answer that is no content
 * of a blob gets an end, should the server not give it one.
 */
async function connections({ protocol }: URL): Promise<RequestPolicyFactory> {
  const { Agent } = await (protocol === 'https:' ? import('node:https') : import('node:http'))
  const agent = sharedReads(new Agent({ keepAlive: true, lookup: lookupUnlessMetadata }))
  return {
    create: (next) => ({
      async sendRequest(request) {
        request.agent ??= agent
        // The content of a download is not gathered.
        if (!request.streamResponseStatusCodes?.size) {
          request.onDownloadProgress = ({ loadedBytes }) => {
            if (loadedBytes > maxReplyBytes) throw replyTooLong()
          }
        }
        return await next.sendRequest(request)
      },
    }),
  }
}

function isToken(credential: AzureCredential): boolean {
  return credential.kind === 'default' || credential.kind === 'service-principal'
}
