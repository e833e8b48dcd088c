// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AwsCredentialsData } from '../types/aws-credentials.ts'
import { secretText } from './helpers.ts'
import { assumeRoleParametersSchema } from './models/assume-role-parameters.ts'
import { awsClientParametersSchema } from './models/aws-client-parameters.ts'

/** The data of a `aws-credentials` block. */
export const awsCredentialsSchema: z.ZodType<AwsCredentialsData> = z.looseObject({
  aws_access_key_id: z.string().nullable().default(null),
  aws_secret_access_key: secretText.nullable().default(null),
  aws_session_token: z.string().nullable().default(null),
  profile_name: z.string().nullable().default(null),
  region_name: z.string().nullable().default(null),
  aws_client_parameters: awsClientParametersSchema.prefault({}),
  assume_role_arn: z.string().nullable().default(null),
  assume_role_kwargs: assumeRoleParametersSchema.prefault({}),
})
