import {
  maskSecrets,
  type ArtifactContent,
  type Client,
  type NewArtifact,
  type NewEvent,
} from '@prefect-ts/api'
import type { Store } from '@prefect-ts/store'
import { RunError } from './errors.ts'
import { describeFailure, exitCodeOf, exitCodes, type JobFailure } from './failure.ts'
import { createLog, levels, type LogLine } from './log.ts'
import { renameParams, validateParams, type InferOutput, type ParamsSchema } from './params.ts'
import type { RunRecords } from './records.ts'
import { serializeValue } from './result.ts'
import type { JobHandler } from './run-job.ts'
import type { OpenRunOptions, Run } from './run.ts'
import { createParts } from './session.ts'
import { createBlockLoader, openDatastore, resolveDatastore } from './stores.ts'

/** Options of {@link testJob}: those of the job that matter without a server, and what the test gives. */
export interface TestJobOptions<Schema extends ParamsSchema = ParamsSchema> extends Pick<
  OpenRunOptions<Schema>,
  'params' | 'camelCaseParams' | 'datastores' | 'blocks' | 'signal'
> {
  /** The params as the flow would pass them. @default {} */
  given?: Readonly<Record<string, unknown>> | undefined
  /** Stores by the name that the job opens: `local`, `remote` or `slug/name`. @default a new memory store for each name that has no block */
  stores?: Readonly<Record<string, Store>> | undefined
  /** `run.client`. @default none: using it is an error */
  client?: Client | undefined
  /** `run.scheduledStart`. @default undefined */
  scheduledStart?: Date | undefined
  /** `run.timeZone`. @default 'UTC' */
  timeZone?: string | undefined
}

/** A line that the job logged. */
export interface TestLogLine {
  level: keyof typeof levels
  message: string
}

/** What a job did. */
export interface TestJobOutcome {
  /** What the flow would get: the result after its way through JSON. `undefined` when the job failed. */
  result: unknown
  /** What the flow would be told of a failure. */
  failure: JobFailure | undefined
  /** What the job threw. */
  error: unknown
  /** The exit code that `runJob` would end with. */
  exitCode: number
  /** Every line, also those of level debug. */
  logs: TestLogLine[]
  /** Artifacts in the order of their creation, progress (0 to 100) apart. */
  artifacts: NewArtifact[]
  /** The last value of the progress bar, in per cent. */
  progress: number | undefined
  /** Custom events, data checks, asset events. */
  events: NewEvent[]
  /** The stores that the job opened, by name. */
  stores: Record<string, Store>
}

const flowRun = { id: '00000000-0000-4000-8000-000000000001', name: 'test-run' }

/**
 * Runs a job's handler as `runJob` would, without a server, a signal handler or an exit: logs, artifacts and events
 * are kept, datastores are memory stores unless given. Never rejects for a failure of the job.
 */
export async function testJob<Schema extends ParamsSchema = ParamsSchema<Record<string, unknown>>>(
  options: TestJobOptions<Schema>,
  handler: JobHandler<InferOutput<Schema>>,
): Promise<TestJobOutcome> {
  const logs: TestLogLine[] = []
  const signal = options.signal ?? new AbortController().signal
  const log = createLog(
    (line) => logs.push(toTestLine(line)),
    () => 0,
  )
  const { records, artifacts, events, progressOf } = createMemoryRecords()
  const identity = { client: undefined, flowRun, taskRun: undefined }
  const { progress, lineage, ...parts } = createParts({
    log,
    records,
    identity,
    signal,
    lineage: true,
    name: flowRun.name,
  })
  const opened: Record<string, Store> = {}
  let error: unknown
  let text: string | undefined
  try {
    const run: Run<InferOutput<Schema>> = {
      ...parts,
      ...createTestStores(options, signal, opened),
      get client(): Client {
        return clientOf(options)
      },
      params: await readParams(options),
      signal,
      log,
      flowRun: { ...flowRun, scheduledStart: options.scheduledStart?.toISOString() ?? null },
      taskRun: undefined,
      deployment: undefined,
      scheduledStart: options.scheduledStart,
      timeZone: options.timeZone ?? 'UTC',
      progress: (fraction) => progress.report(fraction),
      complete: () => Promise.reject(notHere('complete')),
      fail: () => Promise.reject(notHere('fail')),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
    text = serializeValue(await handler(run))
    signal.throwIfAborted()
  } catch (thrown) {
    error = thrown
    text = undefined
  }
  await Promise.all([progress.close(), lineage?.close()])
  const failed = text === undefined
  return {
    result: text === undefined ? undefined : (JSON.parse(text) as unknown),
    failure: failed ? describeFailure(error, maskSecrets) : undefined,
    error,
    exitCode: failed ? (signal.aborted ? 143 : exitCodeOf(error)) : exitCodes.done,
    logs,
    artifacts,
    events,
    progress: progressOf(),
    stores: opened,
  }
}

function toTestLine(line: LogLine): TestLogLine {
  const names = Object.keys(levels) as (keyof typeof levels)[]
  const level = names.find((name) => levels[name] === line.level) ?? 'info'
  return { level, message: maskSecrets(line.message) }
}

async function readParams<Schema extends ParamsSchema>(
  options: TestJobOptions<Schema>,
): Promise<InferOutput<Schema>> {
  // As they come to a job: through JSON.
  const given = JSON.parse(serializeValue(options.given ?? {})) as Record<string, unknown>
  const params = options.camelCaseParams ? renameParams(given, 'the given params') : given
  return options.params ? validateParams(options.params, params, 'the given params') : params
}

function createMemoryRecords(): {
  records: RunRecords
  artifacts: NewArtifact[]
  events: NewEvent[]
  progressOf: () => number | undefined
} {
  const artifacts: NewArtifact[] = []
  const events: NewEvent[] = []
  let progress: number | undefined
  const keepProgress = (content: ArtifactContent): void => {
    if (content.type === 'progress') progress = content.data
  }
  const records: RunRecords = {
    async createArtifact(artifact) {
      if (artifact.type === 'progress') keepProgress(artifact)
      else artifacts.push(artifact)
      return crypto.randomUUID()
    },
    async updateArtifact(_id, content) {
      keepProgress(content)
    },
    async emitEvents(emitted) {
      events.push(...emitted)
    },
  }
  return { records, artifacts, events, progressOf: () => progress }
}

function createTestStores(
  options: TestJobOptions,
  signal: AbortSignal,
  opened: Record<string, Store>,
): Pick<Run, 'loadBlock' | 'openStore'> {
  const { blocks = {}, datastores = {}, stores = {} } = options
  const loadBlock = createBlockLoader({
    client: () => clientOf(options),
    blocks,
    // A test sees what it gives, not what the shell has.
    env: {},
    signal,
  })
  return {
    loadBlock,
    async openStore(datastore, storeOptions) {
      const name = datastore ?? datastores.default ?? 'local'
      const found = opened[name] ?? stores[name]
      if (found !== undefined) return (opened[name] = found)
      const known = { local: 'memory/local', remote: 'memory/remote', ...datastores }
      const reference = resolveDatastore(name, known)
      if (Object.hasOwn(blocks, reference)) {
        return (opened[name] = await openDatastore(reference, known, loadBlock, storeOptions))
      }
      const { createMemoryStore } = await import('@prefect-ts/store/memory')
      return (opened[name] = createMemoryStore())
    },
  }
}

function clientOf(options: TestJobOptions): Client {
  if (options.client) return options.client
  throw new RunError(
    'INVALID_CONTEXT',
    'testJob has no Prefect API: give it the block, or a client, in its options.',
  )
}

function notHere(method: string): RunError {
  return new RunError('INVALID_CONTEXT', `testJob ends the run itself: do not call run.${method}.`)
}
