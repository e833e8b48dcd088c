// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { JobblockListStrData } from '../types/jobblock-list-str.ts'

/** The data of a `jobblock-list-str` block. */
export const jobblockListStrSchema: z.ZodType<JobblockListStrData> = z.looseObject({})
