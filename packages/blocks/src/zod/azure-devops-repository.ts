// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AzureDevopsRepositoryData } from '../types/azure-devops-repository.ts'
import { azuredevopsCredentialsSchema } from './azuredevops-credentials.ts'
import { nestedBlock, urlText } from './helpers.ts'

/** The data of a `azure-devops-repository` block. */
export const azureDevopsRepositorySchema: z.ZodType<AzureDevopsRepositoryData> = z.looseObject({
  repository: urlText,
  reference: z.string().nullable().default(null),
  git_depth: z.int().nullable().prefault(1),
  credentials: nestedBlock({ 'azuredevops-credentials': azuredevopsCredentialsSchema })
    .nullable()
    .default(null),
})
