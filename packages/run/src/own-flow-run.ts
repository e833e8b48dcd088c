import type { Client } from '@prefect-ts/api'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadApi } from './api.ts'
import { RunError } from './errors.ts'
import type { OwnRun, RetryPolicy } from './own-run.ts'

export interface OwnFlowRunOptions extends RetryPolicy {
  /** Name of the flow, which is made when there is none. */
  flowName: string
  tags: readonly string[]
  params: Readonly<Record<string, unknown>>
  signal: AbortSignal
}

/**
 * Opens a flow run of the job's own, and starts it under the server's rules: one that they refuse (ABORT, or REJECT into
 * another state) is not run. Rejects with `ApiError`, or `RUN_REFUSED`.
 */
export async function openOwnFlowRun(
  client: Client,
  options: OwnFlowRunOptions,
): Promise<OwnRun & { name: string }> {
  const { flowName, tags, params, signal, retries, retryDelayMs } = options
  const flow = await client.post('/flows/', { body: { name: flowName }, signal })
  const body = {
    flow_id: flow.id,
    parameters: params,
    tags: [...tags],
    idempotency_key: crypto.randomUUID(),
    empirical_policy: { retries, retry_delay: Math.ceil(retryDelayMs / 1000) },
    state: { type: 'PENDING' as const },
  }
  const { id, name } = await client.post('/flow_runs/', { body, signal })
  return startFlowRun(client, { id, name: name ?? id, retries, signal })
}

export interface StartFlowRunOptions {
  id: string
  name: string
  /** How often the server's rules try it again. */
  retries: number
  signal: AbortSignal
}

/** Starts a flow run that waits to be run, and returns it as the job's own. Rejects as {@link openOwnFlowRun}. */
export async function startFlowRun(
  client: Client,
  options: StartFlowRunOptions,
): Promise<OwnRun & { name: string }> {
  const { setFlowRunState } = await loadApi()
  const { id, name, retries, signal } = options
  const start = async (stateName?: string): Promise<void> => {
    const set = await setFlowRunState(client, id, { type: 'RUNNING', name: stateName }, { signal })
    if (set.accepted) return
    const { type, name: given } = set.state
    throw new RunError(
      type === 'CANCELLED' || type === 'CANCELLING' ? 'CANCELLED' : 'RUN_REFUSED',
      `Prefect did not let flow run ${name} start: ${set.reason ?? 'no reason given'} (it is ${given ?? type}).`,
    )
  }
  await start()
  return {
    flowRunId: id,
    taskRunId: undefined,
    name,
    async retry(message) {
      if (retries === 0) return false
      const set = await setFlowRunState(client, id, { type: 'FAILED', message }, { signal })
      // The server's rule: FAILED is rejected into AwaitingRetry while attempts are left.
      if (set.accepted || set.state.type !== 'SCHEDULED') return false
      const due = Date.parse(set.state.state_details?.scheduled_time ?? '')
      await sleep(Number.isNaN(due) ? 0 : Math.max(due - Date.now(), 0), undefined, { signal })
      await start('Retrying')
      return true
    },
    async end(state) {
      const { type, message, data } = state
      // An error that is not to be retried is forced: the rules would schedule another attempt of it.
      const force = type === 'FAILED' && retries > 0
      const set = await setFlowRunState(client, id, { type, message, data }, { force })
      if (set.accepted || set.state.type === type) return
      // Somebody cancelled it meanwhile: that it has ended is ours to say.
      if (set.state.type === 'CANCELLING') await setFlowRunState(client, id, { type: 'CANCELLED' })
      throw new RunError(
        set.state.type.startsWith('CANCEL') ? 'CANCELLED' : 'RUN_REFUSED',
        `Prefect did not take the state ${type} of flow run ${name}: ${set.reason ?? 'no reason given'} (it is ${set.state.name ?? set.state.type}).`,
      )
    },
  }
}
