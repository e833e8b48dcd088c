import { join } from 'node:path'
import { root } from '../scripts/lib/prefect-server.ts'
import { measure, report } from './lib/harness.ts'

/** A process that only imports the client, against one that does nothing. */
export async function apiImport(): Promise<void> {
  const file = join(root, 'bench/contenders/import-api.mjs')
  const expect = 'done'
  const rows = await measure([
    { name: 'node -e', command: [process.execPath, '-e', "console.log('done')"], expect },
    { name: "import '@prefect-ts/api'", command: [process.execPath, file], expect },
  ])
  report('api-import', 'Importing the client', rows, { node: process.versions.node })
}
