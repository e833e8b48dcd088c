import { createArtifact, type Client, type NewArtifact } from '@prefect-ts/api'

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

export function createArtifacts(target: () => ArtifactTarget | undefined): RunArtifacts {
  return {
    table: ({ rows, ...options }) =>
      createRunArtifact(target(), { type: 'table', data: rows, ...options }),
    markdown: ({ markdown, ...options }) =>
      createRunArtifact(target(), { type: 'markdown', data: markdown, ...options }),
  }
}

/** Creates one artifact of the run. */
export async function createRunArtifact(
  target: ArtifactTarget | undefined,
  artifact: NewArtifact,
): Promise<string | undefined> {
  if (target === undefined) return undefined
  const { client, flowRunId, taskRunId, signal } = target
  return createArtifact(client, { ...artifact, flowRunId, taskRunId }, { signal })
}
