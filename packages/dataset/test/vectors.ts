import { readFileSync } from 'node:fs'

/** Options as the vectors write them: the names Python uses. */
export interface VectorOptions {
  name: string
  format: string
  type?: 'extracts'
  rundate?: string
  rundate_type?: 'latest' | 'specific'
  compression?: 'gzip'
  partitions?: Record<string, string | number | null>
  partition_types?: Record<string, 'string' | 'integer' | 'date' | 'timestamp'>
  today?: string
}

interface LayoutVectors {
  version: number
  datasets: {
    id: string
    origin: string
    options: VectorOptions
    expect?: {
      rundate: string
      rundate_type: string
      path: string
      latest_path: string
      read_path: string
      write_paths: string[]
      glob: string
    }
    error?: string
  }[]
  escapes: { value: string; escaped: string }[]
  today: {
    options: { today?: string; scheduled_start?: string; time_zone?: string; clock?: string }
    today?: string
    error?: string
  }[]
  params: {
    id: string
    params: Record<string, unknown>
    today: string
    expect?: { read_path: string; write_paths: string[] }
    error?: string
    says?: string[]
  }[]
}

const file = new URL('../../../protocol/layout.vectors.json', import.meta.url)

/** The layout's cases, as both languages read them. */
export const vectors: LayoutVectors = JSON.parse(readFileSync(file, 'utf8'))
