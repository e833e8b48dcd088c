// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DateTimeData } from '../types/date-time.ts'

/** The data of a `date-time` block. */
export const dateTimeSchema: z.ZodType<DateTimeData> = z.looseObject({
  value: z.string(),
})
