// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { JsonData } from '../types/json.ts'

/** The data of a `json` block. */
export const jsonSchema: z.ZodType<JsonData> = z.looseObject({
  value: z.json(),
})
