// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { SnowflakeCredentialsData } from '../types/snowflake-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `snowflake-credentials` block. */
export const snowflakeCredentialsSchema: z.ZodType<SnowflakeCredentialsData> = z.looseObject({
  account: z.string(),
  user: z.string(),
  password: secretText.nullable().default(null),
  private_key: secretText.nullable().default(null),
  private_key_path: z.string().nullable().default(null),
  private_key_passphrase: secretText.nullable().default(null),
  authenticator: z
    .literal([
      'snowflake',
      'snowflake_jwt',
      'externalbrowser',
      'okta_endpoint',
      'oauth',
      'username_password_mfa',
    ])
    .prefault('snowflake'),
  token: secretText.nullable().default(null),
  endpoint: z.string().nullable().default(null),
  role: z.string().nullable().default(null),
  autocommit: z.boolean().nullable().default(null),
})
