import * as z from 'zod/mini'

/** What the flow passes: which day of which dataset, and where it is. Small: the data itself is in the store. */
export const params = z.strictObject({
  dataset_name: z._default(z.string(), 'flights'),
  dataset_type: z._default(z.string(), 'extracts'),
  file_format: z._default(z.literal('csv'), 'csv'),
  datastore_type: z._default(z.enum(['local', 'remote']), 'local'),
  rundate: z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/, 'not a date like 2013-01-01')),
  rundate_type: z.optional(z.enum(['latest', 'specific'])),
  /** Block name of the secret that signs the report; without one the report is not signed. */
  signing_key_block: z.optional(z.templateLiteral(['secret/', z.string()])),
})

export type Params = z.infer<typeof params>
