import type { NewEvent, RelatedEventResource } from '@prefect-ts/api'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { RunLog } from './log.ts'
import type { RunRecords } from './records.ts'
import type { RunIdentity } from './run-resources.ts'

export interface LineageSource {
  records: () => RunRecords | undefined
  identity: () => RunIdentity | undefined
  log: RunLog
}

export interface Lineage {
  /** Sends what is waiting and stops listening. */
  close(): Promise<void>
}

/** What `@prefect-ts/dataset` publishes, as far as it is used here. */
interface DatasetMessage {
  readonly dataset?: { readonly name?: string } | undefined
  readonly uri?: string | undefined
  readonly bytes?: number | undefined
  readonly rows?: number | undefined
  readonly sha256?: string | undefined
  readonly path?: string | undefined
  readonly paths?: readonly string[] | undefined
  readonly latest?: string | undefined
  readonly error?: unknown
}

const intervalMs = 2_000

/**
 * Listens to the datasets that this process reads and writes, and tells Prefect as Python's `@materialize` does:
 * `prefect.asset.referenced` for each read, `prefect.asset.materialization.succeeded` or `.failed` for each write, with
 * rows, bytes and digest, the assets read before as upstream, and the run around it. An asset's key is the URI of what was
 * read or written; one that Prefect's rules refuse is left out. Never fails the job.
 */
export function openLineage({ records, identity, log }: LineageSource): Lineage {
  const upstream = new Map<string, NewEvent['resource']>()
  const waiting: ((related: RelatedEventResource[]) => NewEvent)[] = []
  const refused = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let sending = Promise.resolve()

  /** The resource of a message; `undefined`, and said once, when its URI is no asset key. */
  function resourceOf({ uri = '', dataset }: DatasetMessage): NewEvent['resource'] | undefined {
    const key = assetKey(uri)
    if (key === undefined) {
      if (!refused.has(uri)) log.debug(`No asset event: ${uri} is no asset key of Prefect`)
      refused.add(uri)
      return undefined
    }
    const name = dataset?.name
    return {
      'prefect.resource.id': key,
      ...(name === undefined ? {} : { 'prefect.resource.name': name }),
    }
  }

  function add(create: (related: RelatedEventResource[]) => NewEvent): void {
    waiting.push(create)
    timer ??= setTimeout(send, intervalMs).unref()
  }

  function onRead(message: unknown): void {
    const resource = resourceOf(message as DatasetMessage)
    if (resource === undefined || upstream.has(resource['prefect.resource.id'])) return
    upstream.set(resource['prefect.resource.id'], resource)
    const occurred = new Date()
    add((related) => ({ event: 'prefect.asset.referenced', occurred, resource, related }))
  }

  function onWritten(outcome: 'succeeded' | 'failed', message: DatasetMessage): void {
    const resource = resourceOf(message)
    if (resource === undefined) return
    const { rows, bytes, sha256, path, paths, latest, error } = message
    const payload = {
      rows,
      bytes,
      sha256,
      path,
      paths,
      latest,
      ...(error instanceof Error && { error: error.message }),
    }
    const assets = [...upstream.keys()]
      .filter((key) => key !== resource['prefect.resource.id'])
      .map((key) => ({ 'prefect.resource.id': key, 'prefect.resource.role': 'asset' }))
      .slice(-50)
    const tool = {
      'prefect.resource.id': 'prefect-ts',
      'prefect.resource.role': 'asset-materialized-by',
    }
    const occurred = new Date()
    add((related) => ({
      event: `prefect.asset.materialization.${outcome}`,
      occurred,
      resource,
      related: [...assets, tool, ...related].slice(0, 100),
      payload,
    }))
  }

  function send(): void {
    timer = undefined
    const events = waiting.splice(0)
    const to = records()
    const run = identity()
    if (events.length === 0 || to === undefined || run === undefined) return
    const before = sending
    sending = (async () => {
      await before
      try {
        const { runResources } = await import('./run-resources.ts')
        const related = await runResources(run)
        await to.emitEvents(events.map((create) => create(related)))
      } catch (error) {
        log.warning('Asset events were not sent', { error })
      }
    })()
  }

  const onWrite = (message: unknown): void => onWritten('succeeded', message as DatasetMessage)
  const onFailed = (message: unknown): void => onWritten('failed', message as DatasetMessage)
  const channels = [
    ['prefect-ts:dataset.read', onRead],
    ['prefect-ts:dataset.write', onWrite],
    ['prefect-ts:dataset.write-failed', onFailed],
  ] as const
  for (const [name, listener] of channels) subscribe(name, listener)
  return {
    async close() {
      for (const [name, listener] of channels) unsubscribe(name, listener)
      clearTimeout(timer)
      send()
      await sending
    },
  }
}

/**
 * The key of an asset by Prefect's rules (`ValidAssetKey` of prefect.types.names): a URI with a lower-case scheme, at
 * most 512 characters, none of some. `undefined` for what can't be one; an absolute path is a `file://` URI.
 */
export function assetKey(uri: string): string | undefined {
  // The `=` of Hive paths needs no escape in a URI, and Prefect allows no `%`.
  const key = (uri.startsWith('/') ? `file://${uri}` : uri).replaceAll('%3D', '=')
  // eslint-disable-next-line no-control-regex
  if (key.length > 512 || /[\n\r\t\0 #?&%"'<>[\]{}|\\^`]/.test(key)) return undefined
  return /^[a-z0-9]+:\/\/./.test(key) ? key : undefined
}
