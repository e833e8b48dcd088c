import type { Client } from './client.ts'
import { ApiError } from './errors.ts'
import type { Schemas } from './schemas.ts'
import { watchFlowRun, type FlowRun, type WatchOptions } from './wait-for-flow-run.ts'
import type { DeploymentParameters, NameOf, ParametersOf } from './workspace.ts'

/** The run that a deployment's run is drawn under. */
export interface ParentRun {
  /** The flow run that starts it. */
  flowRunId: string
  /** The task run of that flow run that starts it, when it is a task. */
  taskRunId?: string | undefined
}

/** Options of `runDeployment`. */
export interface RunDeploymentOptions<Deployment extends string = string> extends WatchOptions {
  /** Parameters of the flow, over the deployment's own. Written as JSON. */
  parameters?: ParametersOf<Deployment> | undefined
  /** Name of the flow run. @default one that Prefect makes up */
  name?: string | undefined
  /** Tags of the flow run, beside the deployment's. */
  tags?: readonly string[] | undefined
  /** A second run of the same flow with this key is not created: the first is the answer. @default a key of this call, so that a repeated request creates no second run */
  idempotencyKey?: string | undefined
  /** When the run is to start. @default now */
  scheduledTime?: Date | undefined
  /** Makes the run a subflow: a task run of the parent shows and follows it. */
  asSubflowOf?: ParentRun | undefined
  /** Work queue for this run. @default the deployment's */
  workQueueName?: string | undefined
  /** Values for this run's infrastructure, as the work pool defines them: `{ env: { … } }`. */
  jobVariables?: Readonly<Record<string, unknown>> | undefined
  /** How long to wait for the run's end, in milliseconds; 0 does not wait. @default until it ends */
  waitMs?: number | undefined
}

/**
 * Starts a run of a deployment, given as `flow name/deployment name` or by id, and waits until it ended or
 * `waitMs` are over. Resolves to the flow run in either case, whatever its state: `isFinalState(run.state)`,
 * `run.state.type`, `flowRunResult(run)`. Rejects with `ApiError`: `NOT_FOUND` for an unknown deployment,
 * `CONFLICT` when the parameters do not fit the flow's.
 */
export async function runDeployment<const Deployment extends NameOf<DeploymentParameters>>(
  client: Client,
  deployment: Deployment,
  options?: RunDeploymentOptions<Deployment>,
): Promise<FlowRun>
export async function runDeployment(
  client: Client,
  deployment: string,
  options: RunDeploymentOptions = {},
): Promise<FlowRun> {
  const { asSubflowOf: parent, scheduledTime, waitMs, signal } = options
  const idempotencyKey = options.idempotencyKey ?? crypto.randomUUID()
  const found = await readDeployment(client, deployment, signal)
  const parentTaskRunId =
    parent && (await createParentTaskRun(client, found, { ...options, parent, idempotencyKey }))
  const flowRun = await client.post('/deployments/{id}/create_flow_run', {
    path: { id: found.id },
    body: {
      parameters: options.parameters,
      name: options.name,
      tags: options.tags === undefined ? undefined : [...options.tags],
      idempotency_key: idempotencyKey,
      parent_task_run_id: parentTaskRunId,
      work_queue_name: options.workQueueName,
      job_variables: options.jobVariables,
      state: {
        type: 'SCHEDULED',
        state_details: { scheduled_time: (scheduledTime ?? new Date()).toISOString() },
      },
    },
    signal,
  })
  return waitMs === 0 ? flowRun : watchFlowRun(client, flowRun.id, waitMs, options)
}

async function readDeployment(
  client: Client,
  deployment: string,
  signal: AbortSignal | undefined,
): Promise<Schemas['DeploymentResponse']> {
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(deployment)) {
    return client.get('/deployments/{id}', { path: { id: deployment }, signal })
  }
  // Prefect allows no slash in either name.
  const [flow, name, ...rest] = deployment.split('/')
  if (!flow || !name || rest.length > 0) {
    throw new ApiError(
      `Cannot run deployment "${deployment}": give its id, or "flow name/deployment name"`,
      { code: 'INVALID_REQUEST' },
    )
  }
  return client.get('/deployments/name/{flow_name}/{deployment_name}', {
    path: { flow_name: flow, deployment_name: name },
    signal,
  })
}

/** A task run of the parent that stands for the subflow, as Python's `run_deployment` makes it. */
async function createParentTaskRun(
  client: Client,
  deployment: Schemas['DeploymentResponse'],
  options: RunDeploymentOptions & { parent: ParentRun; idempotencyKey: string },
): Promise<string> {
  const { parent, idempotencyKey, parameters = {}, signal } = options
  const flow = await client.get('/flows/{id}', { path: { id: deployment.flow_id }, signal })
  const name = `${flow.name}/${deployment.name}`
  const slug = name.toLowerCase().replaceAll(/[^a-z\d]+/g, '-')
  const inputs: Record<string, { input_type: 'task_run'; id: string }[]> = Object.fromEntries(
    Object.keys(parameters).map((key) => [key, []]),
  )
  if (parent.taskRunId !== undefined) {
    inputs['__parents__'] = [{ input_type: 'task_run', id: parent.taskRunId }]
  }
  const taskRun = await client.post('/task_runs/', {
    body: {
      name,
      flow_run_id: parent.flowRunId,
      task_key: `prefect.deployments.flow_runs.run_deployment.${slug}`,
      // With the same key a repeated call finds the same task run.
      dynamic_key: idempotencyKey,
      task_inputs: inputs,
      state: { type: 'PENDING' },
    },
    signal,
  })
  return taskRun.id
}
