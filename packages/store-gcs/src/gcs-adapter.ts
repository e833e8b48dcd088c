import type { Store, StoreAdapter } from '@prefect-ts/store'
import {
  blockFields,
  blockName,
  checkEndpoint,
  isRemoteBlock,
  openRemoteBase,
  refuseBlock,
  reveal,
} from '@prefect-ts/store/adapter'
import type { RemoteFileSystemBlock } from '@prefect-ts/store/adapter'
import { anonymous } from './authorization.ts'
import type { Authorization } from './authorization.ts'
import { openGcsStore } from './gcs-store.ts'
import { folderNames, verbatimNames } from './object-names.ts'
import {
  parseServiceAccount,
  readServiceAccount,
  serviceAccountAuthorization,
} from './service-account.ts'
import type { ServiceAccount } from './service-account.ts'

/** Prefect's GcsBucket block (prefect-gcp), as far as a store needs it. */
export interface GcsBucketBlock {
  /** Slug of the block type. */
  readonly type: 'gcs-bucket'
  /** Name of the block document. */
  readonly name?: string | undefined
  /** The block's fields. */
  readonly data: {
    /** Name of the bucket. */
    readonly bucket: string
    /** Folder in it, with or without the slash that Prefect appends. */
    readonly bucket_folder?: string | null | undefined
    /** The nested GcpCredentials block, or its fields. Without credentials: Google's application default ones. */
    readonly gcp_credentials?: object | null | undefined
  }
}

/**
 * Opens `gcs-bucket` blocks, and `remote-file-system` blocks of `gs://` and `gcs://`, with `openStore`. Refuses fields
 * and settings that it does not know, and credentials that are incomplete, with `INVALID_CONFIG`.
 */
export const gcsAdapter: StoreAdapter<GcsBucketBlock | RemoteFileSystemBlock> = {
  types: ['gcs-bucket', 'remote-file-system'],
  accepts: (block) => block.type === 'gcs-bucket' || isRemoteBlock(block, ['gs', 'gcs']),
  open: (block) => (block.type === 'gcs-bucket' ? openBucket(block) : openRemote(block)),
}

function openBucket(block: GcsBucketBlock): Store {
  const known = ['bucket', 'bucket_folder', 'gcp_credentials'] as const
  const {
    bucket,
    bucket_folder: folder = '',
    gcp_credentials: nested = {},
  } = blockFields(block, block.data, 'the block', known)
  if (typeof bucket !== 'string') throw refuseBlock(block, 'its bucket is no text')
  if (typeof folder !== 'string') throw refuseBlock(block, 'its bucket_folder is no text')
  const isBlock = typeof nested === 'object' && nested !== null && 'data' in nested
  const fields = blockFields(block, isBlock ? nested.data : nested, 'gcp_credentials', [
    'service_account_file',
    'service_account_info',
    'project',
  ])
  const { service_account_file: file, service_account_info: info } = fields
  if (file !== undefined && info !== undefined) {
    throw refuseBlock(block, 'it has both service_account_info and service_account_file')
  }
  const names = folderNames(folder)
  if (info !== undefined) {
    const account = parseServiceAccount(revealAll(info), 'service_account_info')
    return openGcsStore({ bucket, names, ...accountOf(account) }, {})
  }
  if (file !== undefined) {
    if (typeof file !== 'string') throw refuseBlock(block, 'its service_account_file is no text')
    const account = readServiceAccount(file, 'service_account_file')
    return openGcsStore({ bucket, names, ...accountOf(account) }, {})
  }
  return openGcsStore({ bucket, names }, {})
}

function openRemote(block: RemoteFileSystemBlock): Store {
  const { settings } = blockFields(block, block.data, 'the block', ['basepath', 'settings'])
  // The options of gcsfs that change who asks and where. `project` is for making buckets, which stores do not do.
  const { token, ...rest } = blockFields(block, settings ?? {}, 'its settings', [
    'token',
    'endpoint_url',
    'project',
  ])
  const base = openRemoteBase(block)
  const endpointUrl = reveal(rest.endpoint_url)
  if (endpointUrl !== undefined && typeof endpointUrl !== 'string') {
    throw refuseBlock(block, 'the endpoint_url of its settings is no text')
  }
  const from = `endpoint_url of block "${blockName(block)}"`
  const endpoint = endpointUrl === undefined ? undefined : checkEndpoint(endpointUrl, from)
  const place = { bucket: base.bucket, names: verbatimNames(base), endpoint }
  return openGcsStore({ ...place, ...tokenOf(block, reveal(token)) }, {})
}

/** What gcsfs takes as `token`. */
function tokenOf(
  block: RemoteFileSystemBlock,
  token: unknown,
): { authorization?: Authorization; universe?: string } {
  if (token === undefined || token === 'google_default') return {}
  if (token === 'anon') return { authorization: anonymous }
  if (typeof token === 'object') return accountOf(parseServiceAccount(revealAll(token), 'token'))
  if (typeof token === 'string' && /^[~/.]|\.json$/.test(token)) {
    return accountOf(readServiceAccount(token, 'token'))
  }
  throw refuseBlock(
    block,
    'the token of its settings is not supported: "google_default", "anon", a service account\'s key or the path of its file are',
  )
}

function accountOf(account: ServiceAccount): { authorization: Authorization; universe: string } {
  return {
    authorization: serviceAccountAuthorization(account),
    universe: account.universe,
  }
}

/** A key whose single fields may be secrets, as Prefect's SecretDict gives them. */
function revealAll(value: unknown): unknown {
  const open = reveal(value)
  if (typeof open !== 'object' || open === null) return open
  return Object.fromEntries(Object.entries(open).map(([name, field]) => [name, reveal(field)]))
}
