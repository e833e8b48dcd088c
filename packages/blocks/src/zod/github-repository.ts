// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { GithubRepositoryData } from '../types/github-repository.ts'
import { githubCredentialsSchema } from './github-credentials.ts'
import { nestedBlock, urlText } from './helpers.ts'

/** The data of a `github-repository` block. */
export const githubRepositorySchema: z.ZodType<GithubRepositoryData> = z.looseObject({
  repository_url: urlText,
  reference: z.string().nullable().default(null),
  credentials: nestedBlock({ 'github-credentials': githubCredentialsSchema })
    .nullable()
    .default(null),
})
