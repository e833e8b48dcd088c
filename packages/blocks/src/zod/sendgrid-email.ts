// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { SendgridEmailData } from '../types/sendgrid-email.ts'
import { secretText } from './helpers.ts'

/** The data of a `sendgrid-email` block. */
export const sendgridEmailSchema: z.ZodType<SendgridEmailData> = z.looseObject({
  notify_type: z.literal(['info', 'success', 'warning', 'failure']).prefault('info'),
  api_key: secretText,
  sender_email: z.string(),
  to_emails: z.array(z.string()),
})
