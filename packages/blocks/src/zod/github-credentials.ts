// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { GithubCredentialsData } from '../types/github-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `github-credentials` block. */
export const githubCredentialsSchema: z.ZodType<GithubCredentialsData> = z.looseObject({
  token: secretText.nullable().default(null),
})
