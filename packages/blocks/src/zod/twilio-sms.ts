// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { TwilioSmsData } from '../types/twilio-sms.ts'
import { secretText } from './helpers.ts'

/** The data of a `twilio-sms` block. */
export const twilioSmsSchema: z.ZodType<TwilioSmsData> = z.looseObject({
  notify_type: z.literal(['info', 'success', 'warning', 'failure']).prefault('info'),
  account_sid: z.string(),
  auth_token: secretText,
  from_phone_number: z.string(),
  to_phone_numbers: z.array(z.string()),
})
