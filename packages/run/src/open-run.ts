import type { Client } from '@prefect-ts/api'
import type { Adopted } from './adopt-flow-run.ts'
import { loadApi, requireApi } from './api.ts'
import type { CommandLine } from './command-line.ts'
import { readContext, type RunContext } from './context.ts'
import { RunError } from './errors.ts'
import { describeFailure } from './failure.ts'
import { checkNodeVersion } from './node-version.ts'
import type { OwnRun } from './own-run.ts'
import { renameParams, validateParams, type InferOutput, type ParamsSchema } from './params.ts'
import type { OpenRunOptions, Run } from './run.ts'
import { createSession, type Session } from './session.ts'

/**
 * Opens the run that a flow's `node_operation` started this process for, or, started by hand, one made of
 * `--params` alone. Installs no signal handler and never exits; {@link runJob} does.
 *
 * Rejects with `RunError` (`INVALID_CONTEXT`, `UNKNOWN_PROTOCOL`, `INVALID_PARAMS`, `UNSUPPORTED_NODE`) or
 * `ApiError`. Where the flow can be told, it has been told by then.
 */
export async function openRun<Schema extends ParamsSchema = ParamsSchema<Record<string, unknown>>>(
  options: OpenRunOptions<Schema> = {},
): Promise<Run<InferOutput<Schema>>> {
  return (await openSession(options)).run
}

/** A session with the whole run. */
export interface OpenSession<Params> extends Omit<Session, 'run'> {
  readonly run: Run<Params>
}

/** {@link openRun}, with what only `runJob` needs. `onLogged` is called when a failure to open stands in the run's log. */
export async function openSession<Schema extends ParamsSchema>(
  options: OpenRunOptions<Schema>,
  onLogged?: () => void,
): Promise<OpenSession<InferOutput<Schema>>> {
  const env = options.env ?? process.env
  let context = readContext(env)
  let opened: Session | undefined
  try {
    checkNodeVersion(process.versions.node)
    // By hand it is used at once; in a flow, which names the API, the job starts without waiting for it.
    if (!context || !env['PREFECT_API_URL']) await loadApi()
    let lazyClient: Client | undefined
    const client = (): Client => (lazyClient ??= requireApi().createClient({ env }))
    if (context?.flowRun && !env['PREFECT_API_URL']) client()
    const argv = options.argv ?? process.argv.slice(2)
    const commandLine = argv.length === 0 ? undefined : await readArguments(argv)
    const adopted = commandLine?.flowRun ? await adoptRun(context, options, env, client) : undefined
    context = adopted?.context ?? context
    const given = commandLine?.params ?? context?.params ?? {}
    const source = commandLine?.params ? '--params' : context ? 'the params of the flow' : undefined
    const place = source ?? 'the params (no --params given)'

    const own = adopted?.own ?? (await openOwnRun(context, options, given, client))
    const stores = createStores(context, options, env, {
      ...options.blocks,
      ...commandLine?.blocks,
    })
    const session = createSession({ context, env, options, client, own, stores: () => run })
    opened = session
    const { loadBlock, openStore } = stores(client, session.signal)
    const run: Run<InferOutput<Schema>> = {
      ...session.run,
      get client() {
        return client()
      },
      params: await readParams(options, given, place),
      loadBlock,
      openStore,
    }
    return {
      signal: session.signal,
      get graceMs() {
        return session.graceMs
      },
      retry: session.retry,
      run,
    }
  } catch (error) {
    if (opened) {
      await opened.run.fail(error)
      onLogged?.()
    } else {
      const { maskSecrets } = await loadApi()
      const { serializeFailure, tellFlow } = await import('./result.ts')
      tellFlow(context, serializeFailure(describeFailure(error, maskSecrets)))
    }
    throw error
  }
}

async function readParams<Schema extends ParamsSchema>(
  options: OpenRunOptions<Schema>,
  given: Record<string, unknown>,
  place: string,
): Promise<InferOutput<Schema>> {
  const params = options.camelCaseParams ? renameParams(given, place) : given
  if (options.params === undefined) return params
  return validateParams(options.params, params, place)
}

async function readArguments(argv: readonly string[]): Promise<CommandLine> {
  const { readCommandLine } = await import('./command-line.ts')
  return readCommandLine(argv)
}

const load = () => import('./stores.ts')

/** Blocks and stores of a run; what opens them is loaded on first use. */
function createStores(
  context: RunContext | undefined,
  options: OpenRunOptions,
  env: NodeJS.ProcessEnv,
  blocks: Readonly<Record<string, Record<string, unknown>>>,
) {
  return (client: () => Client, signal: AbortSignal): Pick<Run, 'loadBlock' | 'openStore'> => {
    const loadBlock = (async (reference: string) => {
      const { createBlockLoader } = await load()
      return createBlockLoader({ client, blocks, env, signal })(reference)
    }) as Run['loadBlock']
    return {
      loadBlock,
      async openStore(datastore, storeOptions) {
        const { mergeDatastores, openDatastore } = await load()
        const datastores = mergeDatastores(context?.datastores, env, options.datastores)
        return openDatastore(datastore, datastores, loadBlock, storeOptions)
      },
    }
  }
}

/** The flow run that a worker started this process for. */
async function adoptRun(
  context: RunContext | undefined,
  options: OpenRunOptions,
  env: NodeJS.ProcessEnv,
  client: () => Client,
): Promise<Adopted> {
  if (context) {
    throw new RunError(
      'INVALID_CONTEXT',
      'A flow started this job (PREFECT_TS_CONTEXT is set), and it is not the flow run itself: leave out --flow-run.',
    )
  }
  const { adoptFlowRun } = await import('./adopt-flow-run.ts')
  const { retries = 0, retryDelayMs = 0, signal = new AbortController().signal } = options
  return adoptFlowRun(client(), { env, retries, retryDelayMs, signal })
}

/** The run of the job's own that the options, or the flow, ask for. */
async function openOwnRun(
  context: RunContext | undefined,
  options: OpenRunOptions,
  params: Readonly<Record<string, unknown>>,
  client: () => Client,
): Promise<(OwnRun & { name?: string }) | undefined> {
  const { flowName, taskName, tags = [], retries = 0, retryDelayMs = 0 } = options
  const policy = { retries, retryDelayMs, tags }
  if (!context || (context.flowRun === null && context.ownTaskRun === null)) {
    if (flowName === undefined) return undefined
    const { openOwnFlowRun } = await import('./own-flow-run.ts')
    const signal = options.signal ?? new AbortController().signal
    return openOwnFlowRun(client(), { ...policy, flowName, params, signal })
  }
  const { flowRun, ownTaskRun } = context
  if (ownTaskRun === null && (taskName === undefined || flowRun === null)) return undefined
  if (flowRun === null) {
    throw new RunError('INVALID_CONTEXT', 'PREFECT_TS_CONTEXT: ownTaskRun needs a flowRun.')
  }
  const { openOwnTaskRun } = await import('./own-task-run.ts')
  const id = crypto.randomUUID()
  const taskRun = ownTaskRun ?? { id, name: `${taskName}-${id.slice(0, 3)}` }
  return Object.assign(
    openOwnTaskRun(client, {
      ...policy,
      taskRun,
      taskName: taskName ?? taskRun.name,
      flowRunId: flowRun.id,
      parentTaskRunId: context.taskRun?.id,
      acknowledge: context.resultFile === null,
    }),
    { name: taskRun.name },
  )
}
