// just bench [name]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startServer } from '../scripts/lib/prefect-server.ts'
import { blockLoad } from './block-load.ts'

const benches: Record<string, (apiUrl: string) => Promise<void>> = { 'block-load': blockLoad }
const names = process.argv.slice(2)
const unknown = names.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  console.error(`No bench "${unknown.join('", "')}": there are ${Object.keys(benches).join(', ')}.`)
  process.exit(2)
}
const home = mkdtempSync(join(tmpdir(), 'prefect-ts-bench-'))
const server = await startServer({ home, port: await freePort() })
try {
  for (const [name, bench] of Object.entries(benches)) {
    if (names.length === 0 || names.includes(name)) await bench(server.apiUrl)
  }
} finally {
  await server.stop()
  rmSync(home, { recursive: true, force: true })
}
