// node requests.ts client|pool|fetch: 20,000 GETs of 1 KiB of JSON, 16 at a time.
import { createRequire } from 'node:module'
import { createClient } from '@prefect-ts/api'

// The very undici that the client uses.
const require = createRequire(new URL('../../packages/api/package.json', import.meta.url))
interface BarePool {
  request(options: object): Promise<{ body: { json(): Promise<unknown> } }>
  close(): Promise<void>
}
const { Pool } = require('undici') as {
  Pool: new (origin: string, options: object) => BarePool
}

const apiUrl = process.env['PREFECT_API_URL'] ?? ''
const total = 20_000
const contenders: Record<string, () => { get: () => Promise<unknown>; close?: () => unknown }> = {
  client() {
    const client = createClient()
    return { get: () => client.get('/admin/settings'), close: () => client.close() }
  },
  pool() {
    const pool = new Pool(new URL(apiUrl).origin, { connections: 16 })
    const get = async (): Promise<unknown> => {
      const answer = await pool.request({ path: '/api/admin/settings', method: 'GET' })
      return await answer.body.json()
    }
    return { get, close: () => pool.close() }
  },
  fetch: () => ({ get: async () => await (await fetch(`${apiUrl}/admin/settings`)).json() }),
}
const { get, close } = contenders[process.argv[2] ?? '']?.() ?? {}
if (get === undefined) throw new Error('which contender?')
let left = total
await Promise.all(
  Array.from({ length: 16 }, async () => {
    while (left-- > 0) await get()
  }),
)
await close?.()
console.log('done')
