// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AzureCosmosDbCredentialsData } from '../types/azure-cosmos-db-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `azure-cosmos-db-credentials` block. */
export const azureCosmosDbCredentialsSchema: z.ZodType<AzureCosmosDbCredentialsData> =
  z.looseObject({
    connection_string: secretText,
  })
