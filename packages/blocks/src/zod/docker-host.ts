// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DockerHostData } from '../types/docker-host.ts'

/** The data of a `docker-host` block. */
export const dockerHostSchema: z.ZodType<DockerHostData> = z.looseObject({
  base_url: z.string().nullable().default(null),
  version: z.string().prefault('auto'),
  timeout: z.int().nullable().default(null),
  max_pool_size: z.int().nullable().default(null),
  client_kwargs: z.record(z.string(), z.unknown()).prefault({}),
})
