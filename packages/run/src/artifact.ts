import { maskSecrets, type Client } from '@prefect-ts/api'

/** What every artifact can have. */
export interface ArtifactOptions {
  /** Name in Prefect, of `a-z`, `0-9` and `-`: the Artifacts page keeps a history per key. */
  key?: string | undefined
  /** Markdown shown above the artifact. */
  description?: string | undefined
}

/** A table: one object a row. */
export interface TableArtifact extends ArtifactOptions {
  rows: readonly Readonly<Record<string, unknown>>[]
}

/** A text in Markdown. */
export interface MarkdownArtifact extends ArtifactOptions {
  markdown: string
}

/**
 * Creates artifacts in the job's flow run (and task run), with known secrets masked. Each call resolves to the
 * artifact's id, or to `undefined` without a flow run, when nothing is created. Rejects with `ApiError`.
 */
export interface RunArtifacts {
  table(artifact: TableArtifact): Promise<string | undefined>
  markdown(artifact: MarkdownArtifact): Promise<string | undefined>
}

export interface ArtifactTarget {
  client: Client
  flowRunId: string
  taskRunId: string | undefined
  signal: AbortSignal
}

/** The types that Prefect's UI draws. */
type ArtifactType = 'table' | 'markdown' | 'progress'

export function createArtifacts(target: () => ArtifactTarget | undefined): RunArtifacts {
  return {
    table: ({ rows, ...options }) =>
      createArtifact(target(), 'table', JSON.stringify(rows, replaceUnwritable), options),
    markdown: ({ markdown, ...options }) => createArtifact(target(), 'markdown', markdown, options),
  }
}

/** Creates one artifact; `data` must be as Prefect stores that type (a table is a JSON string). */
export async function createArtifact(
  target: ArtifactTarget | undefined,
  type: ArtifactType,
  data: string | number,
  options: ArtifactOptions,
): Promise<string | undefined> {
  if (target === undefined) return undefined
  const { description } = options
  const created = await target.client.post('/artifacts/', {
    body: {
      type,
      key: options.key ?? null,
      data: typeof data === 'string' ? maskSecrets(data) : data,
      description: description === undefined ? null : maskSecrets(description),
      flow_run_id: target.flowRunId,
      task_run_id: target.taskRunId ?? null,
    },
    signal: target.signal,
  })
  return created.id
}

/** NaN and infinities are null, as in Python's `create_table_artifact`; a BigInt is its decimal text. */
function replaceUnwritable(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
