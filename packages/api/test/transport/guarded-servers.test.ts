import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  freePort,
  startServer,
  type RunningServer,
} from '../../../../scripts/lib/prefect-server.ts'
import { createClient, type CreateClientOptions } from '../../src/index.ts'
import { failureOf, later } from './setup.ts'

const home = mkdtempSync(join(tmpdir(), 'prefect-ts-guarded-'))
// Prefect's server compares no other than ASCII passwords: it answers 500.
const authString = 'admin:pa:ss%wo/rd'
const settings = {
  csrf: { PREFECT_SERVER_CSRF_PROTECTION_ENABLED: 'true' },
  auth: { PREFECT_SERVER_API_AUTH_STRING: authString, PREFECT_API_AUTH_STRING: authString },
}
let csrf: RunningServer
let auth: RunningServer
async function start(kind: keyof typeof settings): Promise<RunningServer> {
  return await startServer({ home: join(home, kind), port: await freePort(), env: settings[kind] })
}
beforeAll(async () => {
  ;[csrf, auth] = await Promise.all([start('csrf'), start('auth')])
}, 300_000)
afterAll(async () => {
  await Promise.all([csrf, auth].map((server) => server?.stop()))
  rmSync(home, { recursive: true, force: true })
}, 30_000)

function clientOf(options: CreateClientOptions): ReturnType<typeof createClient> {
  const client = createClient({ env: {}, ...options })
  later(() => client.close())
  return client
}

test('a server with CSRF protection: every kind of call, and many at once', async () => {
  const client = clientOf({ apiUrl: csrf.apiUrl })
  const made = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      client.post('/variables/', { body: { name: `csrf_${index}`, value: index } }),
    ),
  )
  expect(made.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const path = { name: 'csrf_1' }
  await client.patch('/variables/name/{name}', { path, body: { value: 'changed' } })
  await client.delete('/variables/name/{name}', { path: { name: 'csrf_2' } })
  expect((await client.get('/variables/name/{name}', { path })).value).toBe('changed')
  expect(await client.post('/variables/count')).toBe(9)
})

test('with CSRF support switched off that server refuses', async () => {
  const client = clientOf({
    apiUrl: csrf.apiUrl,
    env: { PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: 'false' },
  })
  const error = await failureOf(client.post('/variables/count'))
  expect(error).toMatchObject({ code: 'FORBIDDEN', detail: 'Missing CSRF token.' })
})

test('a server with a password: the auth string, or user and password in the address', async () => {
  const userinfo = authString.split(':')
  const user = userinfo[0] ?? ''
  const password = encodeURIComponent(userinfo.slice(1).join(':'))
  const withUserinfo = auth.apiUrl.replace('//', `//${user}:${password}@`)
  for (const options of [
    { apiUrl: auth.apiUrl, authString },
    { apiUrl: withUserinfo },
    { apiUrl: auth.apiUrl, authString, apiKey: 'pnu_1234567' },
  ]) {
    expect(await clientOf(options).post('/flows/count')).toBe(0)
  }
})

test.each<[string, CreateClientOptions, string]>([
  ['no credentials', {}, 'No credentials were sent'],
  ['another password', { authString: 'admin:c4nary' }, 'came from the argument authString'],
  ['a key', { apiKey: 'pnu_c4nary' }, 'came from the argument apiKey'],
])('that server refuses %s: UNAUTHORIZED, and where they came from', async (_, options, hint) => {
  const error = await failureOf(clientOf({ apiUrl: auth.apiUrl, ...options }).post('/flows/count'))
  expect(error).toMatchObject({ code: 'UNAUTHORIZED', status: 401 })
  expect(error.message).toContain(hint)
  expect(error.message).not.toContain('c4nary')
})
