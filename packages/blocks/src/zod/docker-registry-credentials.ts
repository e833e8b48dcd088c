// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DockerRegistryCredentialsData } from '../types/docker-registry-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `docker-registry-credentials` block. */
export const dockerRegistryCredentialsSchema: z.ZodType<DockerRegistryCredentialsData> =
  z.looseObject({
    username: z.string(),
    password: secretText,
    registry_url: z.string(),
    reauth: z.boolean().prefault(true),
  })
