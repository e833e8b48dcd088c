import type { Client, RelatedEventResource } from '@prefect-ts/api'
import type { RunReference } from './context.ts'

/** The runs that an event comes from. */
export interface RunIdentity {
  client: (() => Client) | undefined
  flowRun: RunReference
  taskRun: RunReference | undefined
}

const known = new Map<string, Promise<RelatedEventResource[]>>()

/**
 * What Python attaches to an event of a run (`related_resources_from_run_context` of prefect.events): flow run, task
 * run, flow, deployment, work queue, work pool, and the flow run's tags. Asked for once a flow run.
 */
export async function runResources(
  run: RunIdentity,
  exclude?: string,
): Promise<RelatedEventResource[]> {
  const { flowRun, taskRun, client } = run
  let others = known.get(flowRun.id)
  if (others === undefined) {
    others = client === undefined ? Promise.resolve([]) : readOthers(client(), flowRun.id)
    known.set(flowRun.id, others)
    // The event says less, but it is said.
    others.catch(() => known.delete(flowRun.id))
  }
  const resources = [
    related('flow-run', flowRun.id, flowRun.name),
    ...(taskRun ? [related('task-run', taskRun.id, taskRun.name)] : []),
    ...(await others.catch(() => [])),
  ]
  return resources.filter((resource) => resource['prefect.resource.id'] !== exclude)
}

async function readOthers(client: Client, flowRunId: string): Promise<RelatedEventResource[]> {
  const run = await client.get('/flow_runs/{id}', { path: { id: flowRunId } })
  const { deployment_id: deploymentId, work_queue_id: queueId, work_pool_name: poolName } = run
  const [flow, deployment, queue, pool] = await Promise.all([
    client.get('/flows/{id}', { path: { id: run.flow_id } }),
    deploymentId ? client.get('/deployments/{id}', { path: { id: deploymentId } }) : undefined,
    queueId ? client.get('/work_queues/{id}', { path: { id: queueId } }) : undefined,
    poolName ? client.get('/work_pools/{name}', { path: { name: poolName } }) : undefined,
  ])
  const tags = new Set([...(run.tags ?? []), ...(flow.tags ?? []), ...(deployment?.tags ?? [])])
  return [
    related('flow', flow.id, flow.name),
    ...(deployment ? [related('deployment', deployment.id, deployment.name)] : []),
    ...(queue ? [related('work-queue', queue.id, queue.name)] : []),
    ...(pool ? [related('work-pool', pool.id, pool.name)] : []),
    ...[...tags].toSorted().map((tag) => ({
      'prefect.resource.id': `prefect.tag.${tag}`,
      'prefect.resource.role': 'tag',
    })),
  ]
}

function related(kind: string, id: string, name: string): RelatedEventResource {
  return {
    'prefect.resource.id': `prefect.${kind}.${id}`,
    'prefect.resource.role': kind,
    'prefect.resource.name': name,
  }
}
