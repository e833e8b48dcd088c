/** POSTs that only read, or that the server answers alike however often they come, by the end of their path. */
const readingEnds = [
  'count',
  'counts',
  'count-by/{countable}',
  'count-deployments',
  'count-task-runs',
  'filter',
  'get_runs',
  'get_scheduled_flow_runs',
  'history',
  'lateness',
  'next-runs',
  'paginate',
  'validate',
]

/** POSTs that the server makes once: by name, by content, or because they set what is set already. */
const settlingPosts = [
  '/block_schemas/',
  '/block_types/install_system_block_types',
  '/concurrency_limits/',
  '/concurrency_limits/tag/{tag}/reset',
  '/deployments/',
  '/deployments/bulk_delete',
  '/deployments/{id}/pause_deployment',
  '/deployments/{id}/resume_deployment',
  '/flow_runs/bulk_delete',
  '/flows/',
  '/flows/bulk_delete',
  '/v2/concurrency_limits/leases/{lease_id}/renew',
  '/work_pools/{work_pool_name}/workers/heartbeat',
  '/work_pools/{name}/concurrency_status',
  '/work_queues/{id}/concurrency_status',
]

/** POSTs that the server makes once when these fields name what is made. */
const keyedPosts: Readonly<Record<string, readonly string[]>> = {
  '/deployments/{id}/create_flow_run': ['idempotency_key'],
  '/deployments/{id}/create_flow_run/bulk': ['idempotency_key'],
  '/events': ['id'],
  '/flow_runs/': ['idempotency_key'],
  '/task_runs/': ['flow_run_id', 'task_key', 'dynamic_key'],
}

const setFlowRunState = '/flow_runs/{id}/set_state'

/**
 * Whether a call may reach the server twice and act once. Anything but a POST may: to read, replace,
 * update or delete again changes nothing. A POST may when it reads, or when the server knows it again.
 */
export function isRepeatable(method: string, template: string, body: unknown): boolean {
  if (method !== 'POST') return true
  if (readingEnds.some((end) => template.endsWith(`/${end}`))) return true
  if (settlingPosts.includes(template)) return true
  if (template === setFlowRunState) return transitionIdOf(body) !== undefined
  const keys = keyedPosts[template]
  if (keys === undefined) return false
  const items: unknown[] = Array.isArray(body) ? body : [body]
  return items.every((item) => isRecord(item) && keys.every((key) => isText(item[key])))
}

/** The body with a transition id where it sets a flow run's state: by it the server knows a repetition again. */
export function withTransitionId(template: string, body: unknown): unknown {
  if (template !== setFlowRunState || !isRecord(body) || !isRecord(body['state'])) return body
  const details = body['state']['state_details']
  if (
    transitionIdOf(body) !== undefined ||
    (details !== undefined && details !== null && !isRecord(details))
  ) {
    return body
  }
  const marked = { ...details, transition_id: crypto.randomUUID() }
  return { ...body, state: { ...body['state'], state_details: marked } }
}

/**
 * What a repeated call's answer means when an earlier attempt, whose reply was lost, may have acted:
 * what it deleted is gone, and the state that it set is the run's already, whatever the server says of it.
 */
export function settleRepeated(
  call: { method: string; template: string; body: unknown },
  answer: { status: number; json: unknown },
): { json: unknown } | undefined {
  const { status, json } = answer
  if (call.method === 'DELETE' && status === 404) return { json: undefined }
  if (call.template !== setFlowRunState || !isRecord(json) || json['status'] === 'ACCEPT') {
    return undefined
  }
  const sent = transitionIdOf(call.body)
  if (sent === undefined || transitionIdOf(json) !== sent) return undefined
  return { json: { ...json, status: 'ACCEPT', details: { type: 'accept_details' } } }
}

function transitionIdOf(body: unknown): string | undefined {
  const state = isRecord(body) ? body['state'] : undefined
  const details = isRecord(state) ? state['state_details'] : undefined
  const id = isRecord(details) ? details['transition_id'] : undefined
  return typeof id === 'string' && id !== '' ? id : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
