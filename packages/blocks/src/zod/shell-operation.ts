// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { ShellOperationData } from '../types/shell-operation.ts'

/** The data of a `shell-operation` block. */
export const shellOperationSchema: z.ZodType<ShellOperationData> = z.looseObject({
  commands: z.array(z.string()),
  stream_output: z.boolean().prefault(true),
  log_prefix: z.string().nullable().prefault('PID {pid} {label}:\n'),
  env: z.record(z.string(), z.unknown()).prefault({}),
  working_dir: z.string().nullable().default(null),
  shell: z.string().nullable().default(null),
  extension: z.string().nullable().default(null),
})
