import type { Client, Schemas } from '../src/index.ts'

declare const client: Client

// Right calls, and the types of their answers.
export const run: Promise<Schemas['FlowRunResponse']> = client.get('/flow_runs/{id}', {
  path: { id: 'x' },
})
export const runs: Promise<Schemas['FlowRunResponse'][]> = client.post('/flow_runs/filter')
export const none: Promise<undefined> = client.delete('/flows/{id}', { path: { id: 'x' } })
export const optional: string | undefined = undefined as string | undefined
void client.post('/flow_runs/filter', { body: { limit: 1, sort: 'START_TIME_DESC' }, timeoutMs: 1 })
void client.post('/flows/', {
  body: { name: 'x', tags: optional === undefined ? undefined : [optional] },
})
void client.post('/logs/', { body: [] as readonly Schemas['LogCreate'][] })
void client.get('/block_documents/{id}', { path: { id: 'x' }, query: { include_secrets: true } })
void client.put('/automations/{id}', { path: { id: 'x' }, body: {} as Schemas['AutomationUpdate'] })

// @ts-expect-error no such path
void client.get('/flow_run/{id}', { path: { id: 'x' } })
// @ts-expect-error the parameter put in by hand: not a path of the API
void client.get('/flow_runs/123')
// @ts-expect-error a path, but not of this method
void client.get('/flow_runs/filter')
// @ts-expect-error a path, but not of this method
void client.put('/flows/', { body: { name: 'x' } })
// @ts-expect-error the path parameter is missing
void client.get('/flow_runs/{id}')
// @ts-expect-error the path parameter is missing
void client.get('/flow_runs/{id}', {})
// @ts-expect-error the path parameter has another name
void client.get('/flow_runs/{id}', { path: { name: 'x' } })
// @ts-expect-error this operation has no path parameter
void client.post('/flow_runs/filter', { path: { id: 'x' } })
// @ts-expect-error no such query field
void client.get('/block_documents/{id}', { path: { id: 'x' }, query: { secrets: true } })
// @ts-expect-error a query field of another type
void client.get('/block_documents/{id}', { path: { id: 'x' }, query: { include_secrets: 'yes' } })
// @ts-expect-error the body is missing
void client.post('/flows/')
// @ts-expect-error a required field is missing
void client.post('/flows/', { body: { tags: [] } })
// @ts-expect-error no such field
void client.post('/flows/', { body: { name: 'x', nmae: 'y' } })
// @ts-expect-error a field of another type
void client.post('/flow_runs/filter', { body: { limit: '1' } })
// @ts-expect-error no such value
void client.post('/flow_runs/filter', { body: { sort: 'NEWEST' } })
// @ts-expect-error a get takes no body
void client.get('/flows/{id}', { path: { id: 'x' }, body: {} })
// @ts-expect-error no such option
void client.get('/health', { timeout: 1 })
// @ts-expect-error no such field of the answer
void client.get('/flows/{id}', { path: { id: 'x' } }).then((flow) => flow.nmae)
// @ts-expect-error an answer without content has no fields
void client.delete('/flows/{id}', { path: { id: 'x' } }).then((nothing) => nothing.id)

// Pages.
export const pagedRuns: AsyncIterable<Schemas['FlowRunResponse']> =
  client.paginate('/flow_runs/filter')
export const pagedFlows: AsyncIterable<Schemas['Flow']> = client.paginate('/flows/paginate', {
  pageSize: 10,
})
export const pagedEvents: AsyncIterable<Schemas['ReceivedEvent']> = client.paginate(
  '/events/filter',
  { body: { filter: { order: 'ASC' } } },
)
void client.paginate('/work_pools/{work_pool_name}/queues/filter', {
  path: { work_pool_name: 'x' },
  signal: AbortSignal.timeout(1),
})
void client.paginate('/logs/filter', { body: { sort: 'TIMESTAMP_ASC' } })

// @ts-expect-error the path parameter is missing
void client.paginate('/work_pools/{work_pool_name}/queues/filter')
// @ts-expect-error a path without pages: a count
void client.paginate('/flow_runs/count')
// @ts-expect-error a path without pages: it has a limit only
void client.paginate('/deployments/get_scheduled_flow_runs')
// @ts-expect-error a path without pages: another limit, on bulk deletion
void client.paginate('/flow_runs/bulk_delete')
// @ts-expect-error a path without pages: it creates
void client.paginate('/flows/', { body: { name: 'x' } })
// @ts-expect-error a GET
void client.paginate('/flows/{id}', { path: { id: 'x' } })
// @ts-expect-error which page is not the caller's to say
void client.paginate('/flow_runs/filter', { body: { limit: 10 } })
// @ts-expect-error which page is not the caller's to say
void client.paginate('/flow_runs/filter', { body: { offset: 10 } })
// @ts-expect-error which page is not the caller's to say
void client.paginate('/flow_runs/paginate', { body: { page: 2 } })
// @ts-expect-error no such field of the filter
void client.paginate('/logs/filter', { body: { sort: 'NEWEST' } })
