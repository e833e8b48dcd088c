// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AzuredevopsCredentialsData } from '../types/azuredevops-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `azuredevops-credentials` block. */
export const azuredevopsCredentialsSchema: z.ZodType<AzuredevopsCredentialsData> = z.looseObject({
  token: secretText.nullable().default(null),
})
