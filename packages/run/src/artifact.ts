import type { NewArtifact } from '@prefect-ts/api'
import type { ChartArtifact } from './chart.ts'
import type { RunRecords } from './records.ts'

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

/** A link, `text` being what is shown instead of the address. */
export interface LinkArtifact extends ArtifactOptions {
  url: string
  text?: string | undefined
}

/** A picture at an address that the reader's browser can open. */
export interface ImageArtifact extends ArtifactOptions {
  url: string
}

/**
 * Creates artifacts in the job's flow run (and task run), with known secrets masked. Each call resolves to the
 * artifact's id, or to `undefined` without a flow run, when nothing is created. Rejects with `ApiError`.
 */
export interface RunArtifacts {
  table(artifact: TableArtifact): Promise<string | undefined>
  markdown(artifact: MarkdownArtifact): Promise<string | undefined>
  link(artifact: LinkArtifact): Promise<string | undefined>
  image(artifact: ImageArtifact): Promise<string | undefined>
  /** Bars or lines, drawn into a Markdown artifact: a picture with the numbers as a table below it. */
  chart(artifact: ChartArtifact): Promise<string | undefined>
}

export function createArtifacts(records: () => RunRecords | undefined): RunArtifacts {
  const create = async (artifact: NewArtifact): Promise<string | undefined> =>
    records()?.createArtifact(artifact)
  return {
    table: ({ rows, ...options }) => create({ type: 'table', data: rows, ...options }),
    markdown: ({ markdown, ...options }) =>
      create({ type: 'markdown', data: markdown, ...options }),
    link: ({ url, text, ...options }) => create({ type: 'link', data: { url, text }, ...options }),
    image: ({ url, ...options }) => create({ type: 'image', data: url, ...options }),
    async chart({ key, description, ...chart }) {
      const { drawChart } = await import('./chart.ts')
      return create({ type: 'markdown', data: drawChart(chart), key, description })
    },
  }
}
