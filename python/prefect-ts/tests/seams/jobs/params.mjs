// A job of the built packages with a schema of its params, which it returns.
import * as z from '../../../../../packages/run/node_modules/zod/index.js'
import { runJob } from '../../../../../packages/run/dist/index.js'

const params = z.strictObject({
  runDate: z.iso.date(),
  limit: z.number().int().max(100).default(10),
  kind: z.enum(['a', 'b']).optional(),
})

await runJob({ params, camelCaseParams: true }, (run) => ({
  ...run.params,
  pid: process.pid,
}))
