import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { cleanEnvironment, venv } from '../../../../scripts/lib/prefect-server.ts'
import { isApiError, resolveSettings } from '../../src/index.ts'
import { createTransport } from '../../src/transport.ts'
import { json, startFaultServer, type FaultServer } from '../fault-server.ts'
import { cases, type ComparedCase } from './cases.ts'

interface Result {
  /** Seconds. */
  waits: number[]
  end: string
}

const env = { PREFECT_CLIENT_RETRY_JITTER_FACTOR: '0', PREFECT_API_REQUEST_TIMEOUT: '2' }
// Waits take no time in both, but ours must have the time that they would take.
const patient = { ...env, PREFECT_API_REQUEST_TIMEOUT: '60' }

/** What Prefect's client and ours do with the same faults, as a Markdown table. */
export async function renderComparison(): Promise<string> {
  const python = await withServers((servers) => callPython(servers))
  const own = await withServers(async (servers) => {
    const results: Result[] = []
    for (const [index, each] of cases.entries()) {
      results.push(await callOwn(each, addressOf(each, servers[index])))
    }
    return results
  })
  const rows = cases.map(({ name }, index) => [name, cell(python[index]), cell(own[index])])
  const table = [['fault', "Prefect's client", '@prefect-ts/api'], ['---', '---', '---'], ...rows]
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

type Counted = Result & { requests: string[] }

async function withServers(
  call: (servers: readonly FaultServer[]) => Promise<Result[]>,
): Promise<Counted[]> {
  const servers = await Promise.all(
    cases.map(({ answer, hasCsrf }) =>
      startFaultServer((response, seen) => {
        const isOff = hasCsrf !== true && seen.at(-1)?.url.includes('/csrf-token')
        ;(isOff ? json(422, { detail: 'CSRF protection is disabled.' }) : answer)(response, seen)
      }),
    ),
  )
  try {
    const results = await call(servers)
    return results.map((result, index) => ({
      ...result,
      requests: (servers[index]?.seen ?? []).map(({ method }) => method),
    }))
  } finally {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
  }
}

function addressOf(each: ComparedCase, server: FaultServer | undefined): string {
  return each.down ? 'http://127.0.0.1:9/api' : (server?.apiUrl ?? '')
}

async function callPython(servers: readonly FaultServer[]): Promise<Result[]> {
  const child = spawn(join(venv, 'bin/python'), [join(import.meta.dirname, 'python_client.py')], {
    env: cleanEnvironment({ ...env, PREFECT_LOGGING_LEVEL: 'CRITICAL' }),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const input = cases.map((each, index) => ({
    url: addressOf(each, servers[index]),
    method: each.method,
    path: each.path,
    body: each.body ?? null,
  }))
  child.stdin.end(JSON.stringify(input))
  return JSON.parse(await text(child.stdout)) as Result[]
}

async function callOwn(each: ComparedCase, apiUrl: string): Promise<Result> {
  const waits: number[] = []
  const own = each.name.includes('limit') ? env : patient
  const transport = createTransport({
    settings: resolveSettings({ env: own, cwd: '/', overrides: { apiUrl } }),
    env: own,
    sleep: (milliseconds) => {
      waits.push(milliseconds / 1000)
      return Promise.resolve()
    },
  })
  const { method, path: template, body } = each
  const end = await transport.send({ method, template, body }).then(
    () => 'answer',
    (error: unknown) => {
      if (!isApiError(error)) throw error
      const leaks = error.message.includes('c4nary') ? ', secret in the message' : ''
      return `\`${error.code}\`${error.status === undefined ? '' : ` ${error.status}`}${leaks}`
    },
  )
  await transport.close()
  return { waits, end }
}

function cell(result: Counted | undefined): string {
  if (result === undefined) throw new Error('a case without a result')
  const { requests, waits, end } = result
  const waited = waits.length === 0 ? '' : `, waits ${waits.map((wait) => `${wait}`).join(' ')} s`
  const methods = new Set(requests).size > 1 ? ` (${requests.join(' ')})` : ''
  const count = requests.length === 1 ? '1 request' : `${requests.length} requests`
  return `${count}${methods}${waited}: ${end}`
}
