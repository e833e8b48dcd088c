// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { BitbucketRepositoryData } from '../types/bitbucket-repository.ts'
import { bitbucketCredentialsSchema } from './bitbucket-credentials.ts'
import { nestedBlock, urlText } from './helpers.ts'

/** The data of a `bitbucket-repository` block. */
export const bitbucketRepositorySchema: z.ZodType<BitbucketRepositoryData> = z.looseObject({
  repository: urlText,
  reference: z.string().nullable().default(null),
  bitbucket_credentials: nestedBlock({ 'bitbucket-credentials': bitbucketCredentialsSchema })
    .nullable()
    .default(null),
})
