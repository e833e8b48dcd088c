// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { StringData } from '../types/string.ts'

/** The data of a `string` block. */
export const stringSchema: z.ZodType<StringData> = z.looseObject({
  value: z.string(),
})
