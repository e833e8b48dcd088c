// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DbtCloudCredentialsData } from '../types/dbt-cloud-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `dbt-cloud-credentials` block. */
export const dbtCloudCredentialsSchema: z.ZodType<DbtCloudCredentialsData> = z.looseObject({
  api_key: secretText,
  account_id: z.int(),
  domain: z.string().prefault('cloud.getdbt.com'),
})
