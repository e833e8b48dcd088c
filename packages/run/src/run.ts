import type { Client } from '@prefect-ts/api'
import type { BlockOf } from '@prefect-ts/blocks'
import type { Store, StoreAdapter } from '@prefect-ts/store'
import type { RunArtifacts } from './artifact.ts'
import type { RunContext, RunDatastores, RunReference } from './context.ts'
import type { RunEvents } from './events.ts'
import type { RunLog } from './log.ts'
import type { ParamsSchema } from './params.ts'
import type { ResultStorage } from './result-storage.ts'

export interface OpenRunOptions<Schema extends ParamsSchema = ParamsSchema> {
  /** Validates and types the params. Any Standard Schema library. @default params are taken as they come */
  params?: Schema | undefined
  /** Gives the params to the schema under names in camelCase: `run_date` as `runDate`. Names inside of values stay. @default false */
  camelCaseParams?: boolean | undefined
  /** Block names of the datastores, used where neither the flow nor `PREFECT_DATA_BLOCK_LOCAL` and `PREFECT_DATA_BLOCK_REMOTE` name one. */
  datastores?: RunDatastores | undefined
  /** Blocks that need no server: data by `slug/name`. They win over the server's, as do `--blocks` and `PREFECT_TS_BLOCK_…` variables. */
  blocks?: Readonly<Record<string, Record<string, unknown>>> | undefined
  /** Without a flow around it, the job is a flow run of its own, of the flow of this name: a script that cron starts appears in Prefect. */
  flowName?: string | undefined
  /** Inside a flow, the job is a task run of its own, of the task of this name, in the flow run's graph. */
  taskName?: string | undefined
  /** Tags of the job's own run. */
  tags?: readonly string[] | undefined
  /** Where the result of the job's own run goes, for Python's `state.result()`. @default into the state itself, up to 16 KiB of JSON */
  resultStorage?: ResultStorage | undefined
  /** How often the job's own run is tried again (by `runJob`) after an error that is retryable. @default 0 */
  retries?: number | undefined
  /** Time before it is tried again, in milliseconds. @default 0 */
  retryDelayMs?: number | undefined
  /** Whether datasets that are read and written are told to Prefect as asset events. @default true */
  lineage?: boolean | undefined
  /** How often the job looks whether its flow run was cancelled, in milliseconds; 0 is never. @default 2000 */
  cancellationPollMs?: number | undefined
  /** Where `PREFECT_TS_CONTEXT` and settings are read. @default process.env */
  env?: NodeJS.ProcessEnv | undefined
  /** Command-line arguments: `--params`, `--blocks`, `--flow-run`. @default process.argv.slice(2) */
  argv?: readonly string[] | undefined
  /** Aborts `run.signal`. */
  signal?: AbortSignal | undefined
}

export interface OpenStoreOptions {
  /** The backends that this job can open; the block's type picks one. */
  adapters: readonly StoreAdapter[]
}

/** One run of a job. */
export interface Run<Params = Record<string, unknown>> extends RunEvents {
  /** The params, as the schema returned them. */
  readonly params: Params
  /** The Prefect API of this run. Throws `ApiError` (`NO_API_URL`) when no API is configured. */
  readonly client: Client
  /** Aborted when the run is cancelled: in Prefect, by SIGTERM and SIGINT (under `runJob`), a dead flow process, `options.signal`. */
  readonly signal: AbortSignal
  readonly log: RunLog
  readonly artifact: RunArtifacts
  /** `undefined` when the job was started by hand and has no flow run of its own. */
  readonly flowRun: RunContext['flowRun'] | undefined
  readonly taskRun: RunReference | undefined
  readonly deployment: RunReference | undefined
  /** When the flow run was due: the day that "today" means to a dataset. */
  readonly scheduledStart: Date | undefined
  /** IANA name of the flow's time zone. @default 'UTC' */
  readonly timeZone: string
  /** Shows progress from 0 to 1 in the flow run, sent at most once a second. */
  progress(fraction: number): void
  /** Loads a block, as `loadBlock` of `@prefect-ts/blocks` does, from `options.blocks` and `PREFECT_TS_BLOCK_…` variables first. */
  loadBlock<const Reference extends string>(reference: Reference): Promise<BlockOf<Reference>>
  /**
   * Opens a datastore: `'local'` or `'remote'` as the flow named them, `undefined` for the default one, or a
   * block by `slug/name`. Rejects with `UNKNOWN_DATASTORE`, `BlockError` or `StoreError`.
   */
  openStore(datastore: string | undefined, options: OpenStoreOptions): Promise<Store>
  /**
   * Ends the run: sends what is left of logs and progress, then hands `result` (anything JSON can hold) to the flow.
   * Rejects when the result did not arrive.
   */
  complete(result?: unknown): Promise<void>
  /** Ends the run as failed: logs `error` with its causes and tells the flow its code and one-line message. */
  fail(error: unknown): Promise<void>
  /** Sends what is left of logs and progress. A run that neither completed nor failed is a failure to the flow. */
  [Symbol.asyncDispose](): Promise<void>
}
