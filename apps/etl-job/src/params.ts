import * as z from 'zod'

/** What the flow passes: which day of which dataset, and where it is. Small: the data is in the store. */
export const params = z.strictObject({
  dataset_name: z.string().default('flights'),
  dataset_type: z.string().default('extracts'),
  file_format: z.literal('csv').default('csv'),
  datastore_type: z.enum(['local', 'remote']).default('local'),
  rundate: z.iso.date('must be a date like "2013-01-31"'),
  rundate_type: z.enum(['latest', 'specific']).optional(),
  /** Block name of the secret that signs the report; without one the report is not signed. */
  signing_key_block: z
    .templateLiteral(['secret/', z.string()], 'must be a block name like "secret/my-key"')
    .optional(),
})

export type Params = z.infer<typeof params>
