// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { LocalFileSystemData } from '../types/local-file-system.ts'

/** The data of a `local-file-system` block. */
export const localFileSystemSchema: z.ZodType<LocalFileSystemData> = z.looseObject({
  basepath: z.string().nullable().default(null),
})
