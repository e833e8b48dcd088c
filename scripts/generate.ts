// just generate: writes the generated API and block types from a server of the pinned Prefect version.
import { execFileSync } from 'node:child_process'
import { root } from './lib/prefect-server.ts'
import { runScript } from './lib/script.ts'
import { withTemporaryServer } from './lib/temporary-server.ts'

await runScript(async (signal) => {
  await withTemporaryServer(signal, (apiUrl) => {
    for (const script of ['openapi.ts', 'blocks.ts']) {
      execFileSync('node', [`checks/codegen/${script}`, apiUrl], { cwd: root, stdio: 'inherit' })
    }
  })
  return 0
})
