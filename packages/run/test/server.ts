import { createClient, type Client } from '@prefect-ts/api'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, inject } from 'vitest'
import { runPython } from '../../../scripts/lib/prefect-server.ts'

export const apiUrl: string = inject('prefectApiUrl')

/** A client for the tests of one file. */
export function useClient(): Client {
  const client = createClient({ apiUrl })
  afterAll(() => client.close())
  return client
}

/** A flow run that is running, as a context has it. */
export async function createFlowRun(
  client: Client,
  tags: string[] = [],
): Promise<{ id: string; name: string; scheduledStart: null }> {
  const flow = await client.post('/flows/', { body: { name: `run-test-${randomUUID()}` } })
  // With a key a call whose connection broke is repeated.
  const key = { idempotency_key: randomUUID() }
  const body = { flow_id: flow.id, tags, state: { type: 'RUNNING' as const }, ...key }
  const run = await client.post('/flow_runs/', { body })
  return { id: run.id, name: run.name ?? '', scheduledStart: null }
}

export async function readAllLogs(
  client: Client,
  flowRunId: string,
): Promise<{ level: number; message: string; task_run_id?: string | null | undefined }[]> {
  const lines = []
  const body = { logs: { flow_run_id: { any_: [flowRunId] } }, sort: 'TIMESTAMP_ASC' as const }
  for (let offset = 0; ; offset += 200) {
    const page = await client.post('/logs/filter', { body: { ...body, offset, limit: 200 } })
    lines.push(...page)
    if (page.length < 200) return lines
  }
}

/** Repeats `look` until it gives a value, for at most 20 s. */
export async function eventually<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const value = await look()
    if (value !== undefined) return value
    if (Date.now() > deadline) throw new Error('It did not happen within 20 s')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** What `state.result()` of a run is to Python, as JSON; an exception is `{ raised: … }`. */
export function readResultInPython(kind: 'flow_run' | 'task_run', id: string): unknown {
  const code = `
import json, sys
from prefect.client.orchestration import get_client
with get_client(sync_client=True) as client:
    run = client.read_${kind}("${id}")
try:
    result = run.state.result(raise_on_failure=True)
    if hasattr(result, "__await__"):
        import asyncio
        async def wait():
            return await result
        result = asyncio.run(wait())
except Exception as error:
    result = {"raised": f"{type(error).__name__}: {error}"}
print(json.dumps(result))
`
  return JSON.parse(
    runPython(['-c', code], { PREFECT_API_URL: apiUrl, PREFECT_HOME: home }),
  ) as unknown
}

let home = ''
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'prefect-ts-run-home-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Saves a local-file-system block over `basepath` and returns its name as `slug/name`. */
export async function saveLocalBlock(client: Client, basepath: string): Promise<string> {
  const slug = 'local-file-system'
  const name = `results-${randomUUID()}`
  const type = await client.get('/block_types/slug/{slug}', { path: { slug } })
  const [schema] = await client.post('/block_schemas/filter', {
    body: { block_schemas: { block_type_id: { any_: [type.id ?? ''] } } },
  })
  const ids = { block_type_id: type.id ?? '', block_schema_id: schema?.id ?? '' }
  await client.post('/block_documents/', { body: { name, data: { basepath }, ...ids } })
  return `${slug}/${name}`
}
