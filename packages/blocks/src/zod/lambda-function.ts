// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { LambdaFunctionData } from '../types/lambda-function.ts'
import { awsCredentialsSchema } from './aws-credentials.ts'
import { nestedBlock } from './helpers.ts'

/** The data of a `lambda-function` block. */
export const lambdaFunctionSchema: z.ZodType<LambdaFunctionData> = z.looseObject({
  function_name: z.string(),
  qualifier: z.string().nullable().default(null),
  aws_credentials: nestedBlock({ 'aws-credentials': awsCredentialsSchema }).prefault({
    type: 'aws-credentials',
    data: {},
  }),
})
