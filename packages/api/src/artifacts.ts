import type { Client } from './client.ts'
import type { Schemas } from './schemas.ts'
import { maskSecrets } from './secret.ts'

/** What an artifact shows, by its type. */
export type ArtifactContent =
  /** A text in Markdown. */
  | { type: 'markdown'; data: string }
  /** A table: one object a row. NaN and infinities become null. */
  | { type: 'table'; data: readonly Readonly<Record<string, unknown>>[] }
  /** A link, `text` being what is shown instead of the address. */
  | { type: 'link'; data: { url: string; text?: string | undefined } }
  /** A picture at a public address. */
  | { type: 'image'; data: string }
  /** A bar of 0 to 100 per cent. */
  | { type: 'progress'; data: number }

/** An artifact to create. */
export type NewArtifact = ArtifactContent & {
  /** Name in Prefect, of `a-z`, `0-9` and `-`: the Artifacts page keeps a history per key. */
  key?: string | undefined
  /** Markdown shown above it. */
  description?: string | undefined
  /** The flow run that it belongs to. */
  flowRunId?: string | undefined
  /** The task run that it belongs to. */
  taskRunId?: string | undefined
}

/** Options of the calls for artifacts. */
export interface ArtifactCallOptions {
  /** Ends the call, which rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Creates an artifact, known secrets masked, and resolves to its id. With a key it is that key's latest now. */
export async function createArtifact(
  client: Client,
  artifact: NewArtifact,
  { signal }: ArtifactCallOptions = {},
): Promise<string> {
  const { key, description, flowRunId, taskRunId } = artifact
  const created = await client.post('/artifacts/', {
    body: {
      // Python writes links as Markdown too.
      type: artifact.type === 'link' ? 'markdown' : artifact.type,
      key,
      data: encodeContent(artifact),
      description: description === undefined ? undefined : maskSecrets(description),
      flow_run_id: flowRunId,
      task_run_id: taskRunId,
    },
    signal,
  })
  return created.id ?? ''
}

/** Replaces what an artifact shows; for one under way: a progress bar, a growing table. */
export async function updateArtifact(
  client: Client,
  id: string,
  content: ArtifactContent & { description?: string | undefined },
  { signal }: ArtifactCallOptions = {},
): Promise<void> {
  const { description } = content
  await client.patch('/artifacts/{id}', {
    path: { id },
    body: {
      data: encodeContent(content),
      description: description === undefined ? undefined : maskSecrets(description),
    },
    signal,
  })
}

/** The newest artifact of a key; `undefined` when there is none. Its own id is `latest_id`: `id` is that of the key's history. */
export async function getLatestArtifact(
  client: Client,
  key: string,
  { signal }: ArtifactCallOptions = {},
): Promise<Schemas['ArtifactCollection'] | undefined> {
  // GET /artifacts/{key}/latest gives the same, declared as an artifact: nobody sees which id it is.
  const body = { artifacts: { key: { any_: [key] } }, limit: 1 }
  const [latest] = await client.post('/artifacts/latest/filter', { body, signal })
  return latest
}

function encodeContent(content: ArtifactContent): string | number {
  switch (content.type) {
    case 'progress':
      return content.data
    case 'table':
      return maskSecrets(JSON.stringify(content.data, replaceUnwritable))
    case 'link': {
      const { url, text = url } = content.data
      return maskSecrets(`[${text}](${url})`)
    }
    default:
      return maskSecrets(content.data)
  }
}

/** NaN and infinities are null already in JSON, as in Python's `create_table_artifact`; a BigInt is its decimal text. */
function replaceUnwritable(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
