// The same without @prefect-ts/run.
import { localAdapter } from '@prefect-ts/store-local'
import * as z from 'zod'

const params = z.strictObject({ key: z.string().default('a') })
const given = params.parse({})
console.log(`first line ${performance.timeOrigin + performance.now()}`)
process.exit([given.key, localAdapter.types].length - 2)
