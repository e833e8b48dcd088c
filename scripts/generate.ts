// just generate: writes the generated API types from a server of the pinned Prefect version.
import { execFileSync } from 'node:child_process'
import { root } from './lib/prefect-server.ts'
import { withTemporaryServer } from './lib/temporary-server.ts'

await withTemporaryServer((apiUrl) => {
  execFileSync('node', ['checks/codegen/openapi.ts', apiUrl], { cwd: root, stdio: 'inherit' })
})
