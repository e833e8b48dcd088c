// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { GitlabRepositoryData } from '../types/gitlab-repository.ts'
import { gitlabCredentialsSchema } from './gitlab-credentials.ts'
import { nestedBlock, urlText } from './helpers.ts'

/** The data of a `gitlab-repository` block. */
export const gitlabRepositorySchema: z.ZodType<GitlabRepositoryData> = z.looseObject({
  repository: urlText,
  reference: z.string().nullable().default(null),
  credentials: nestedBlock({ 'gitlab-credentials': gitlabCredentialsSchema })
    .nullable()
    .default(null),
})
