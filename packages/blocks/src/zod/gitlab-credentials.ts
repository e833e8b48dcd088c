// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { GitlabCredentialsData } from '../types/gitlab-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `gitlab-credentials` block. */
export const gitlabCredentialsSchema: z.ZodType<GitlabCredentialsData> = z.looseObject({
  token: secretText.nullable().default(null),
  url: z.string().nullable().default(null),
})
