// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { EmailServerCredentialsData } from '../types/email-server-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `email-server-credentials` block. */
export const emailServerCredentialsSchema: z.ZodType<EmailServerCredentialsData> = z.looseObject({
  username: z.string().nullable().default(null),
  password: secretText.nullable().default(null),
  smtp_server: z.string().prefault('smtp.gmail.com'),
  smtp_type: z.union([z.literal([465, 587, 25]), z.string()]).prefault(465),
  smtp_port: z.int().nullable().default(null),
})
