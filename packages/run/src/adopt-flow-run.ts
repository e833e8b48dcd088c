import type { Client } from '@prefect-ts/api'
import { loadApi } from './api.ts'
import type { RunContext } from './context.ts'
import { RunError } from './errors.ts'
import { startFlowRun } from './own-flow-run.ts'
import type { OwnRun, RetryPolicy } from './own-run.ts'

/** Where a worker says which flow run it started this process for (`_base_flow_run_environment` of prefect.workers.base). */
const flowRunVariable = 'PREFECT__FLOW_RUN_ID'

export interface AdoptFlowRunOptions extends RetryPolicy {
  env: NodeJS.ProcessEnv
  signal: AbortSignal
}

export interface Adopted {
  /** What a flow would have handed over. */
  context: RunContext
  own: OwnRun & { name: string }
}

/**
 * Takes the flow run that a worker started this process for as the job's own, and starts it under the server's rules, as
 * Python's `prefect flow-run execute` does. Its params and its due time come from the API. Rejects with
 * `INVALID_CONTEXT`, `RUN_REFUSED`, `CANCELLED` or `ApiError`.
 */
export async function adoptFlowRun(client: Client, options: AdoptFlowRunOptions): Promise<Adopted> {
  const { isFinalState, setFlowRunState } = await loadApi()
  const { env, signal } = options
  const id = env[flowRunVariable]
  if (!id) {
    throw new RunError(
      'INVALID_CONTEXT',
      `--flow-run takes the flow run that a Prefect worker gave, and ${flowRunVariable} is not set: leave it out by hand.`,
    )
  }
  const path = { id }
  const found = await client.get('/flow_runs/{id}', { path, signal })
  const { deployment_id: deploymentId, state, empirical_policy: policy } = found
  const name = found.name ?? id
  if (isFinalState(state)) {
    throw new RunError('RUN_REFUSED', `Flow run ${name} has ended already (it is ${state?.name}).`)
  }
  if (state?.type === 'CANCELLING') {
    // Nobody else will: the worker leaves a run with a process to that process.
    await setFlowRunState(client, id, { type: 'CANCELLED' }, { signal })
    throw new RunError('CANCELLED', `Flow run ${name} was cancelled before it started.`)
  }
  const retries = policy?.retries ?? options.retries
  const retryDelay = policy?.retry_delay ?? Math.ceil(options.retryDelayMs / 1000)
  if (retries > 0 && policy?.retries !== retries) {
    const body = { empirical_policy: { ...policy, retries, retry_delay: retryDelay } }
    await client.patch('/flow_runs/{id}', { path, body, signal })
  }
  const deployment = deploymentId
    ? await client.get('/deployments/{id}', { path: { id: deploymentId }, signal })
    : undefined
  const own = await startFlowRun(client, { id, name, retries, signal })
  return {
    own,
    context: {
      params: found.parameters ?? {},
      flowRun: { id, name, scheduledStart: found.expected_start_time ?? null },
      taskRun: null,
      deployment: deployment ? { id: deployment.id, name: deployment.name } : null,
      timeZone: 'UTC',
      datastores: {},
      resultFile: null,
      parentProcessId: null,
      ownTaskRun: null,
      resultBlock: null,
    },
  }
}
