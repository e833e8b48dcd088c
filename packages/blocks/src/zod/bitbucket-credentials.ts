// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { BitbucketCredentialsData } from '../types/bitbucket-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `bitbucket-credentials` block. */
export const bitbucketCredentialsSchema: z.ZodType<BitbucketCredentialsData> = z.looseObject({
  token: secretText.nullable().default(null),
  username: z.string().nullable().default(null),
  password: secretText.nullable().default(null),
  url: z.string().prefault('https://api.bitbucket.org/'),
})
