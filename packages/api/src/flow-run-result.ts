import type { Schemas } from './schemas.ts'

/** What is known of a run's result. */
export type FlowRunResult =
  /** The state itself holds it: a JSON value. */
  | { kind: 'value'; value: unknown }
  /** The flow wrote it to its result storage; the API server has no way to it. */
  | {
      kind: 'stored'
      /** Key in the storage; without a block an absolute path on the machine that ran the flow. */
      storageKey: string
      /** Id of the storage's block; `undefined` for the local disk. */
      storageBlockId: string | undefined
      /** How it is written: `json` can be read anywhere, `pickle` (Python's default) in Python only. */
      serializer: string | undefined
    }
  /** The run has not ended, returned nothing, or kept its result to itself, as flows do by default. */
  | { kind: 'none' }

/** Where the result of a flow run (or of a task run) is, by its state. */
export function flowRunResult(run: { state?: Schemas['State'] | null | undefined }): FlowRunResult {
  const data = run.state?.data
  if (data === undefined || data === null) return { kind: 'none' }
  if (!isRecord(data)) return { kind: 'value', value: data }
  if (data['type'] === 'unpersisted') return { kind: 'none' }
  const { storage_key: key, storage_block_id: block, serializer } = data
  if (typeof key !== 'string') return { kind: 'value', value: data }
  return {
    kind: 'stored',
    storageKey: key,
    storageBlockId: typeof block === 'string' ? block : undefined,
    serializer:
      isRecord(serializer) && typeof serializer['type'] === 'string'
        ? serializer['type']
        : undefined,
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
