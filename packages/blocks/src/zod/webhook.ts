// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { WebhookData } from '../types/webhook.ts'
import { secretDict, secretText } from './helpers.ts'

/** The data of a `webhook` block. */
export const webhookSchema: z.ZodType<WebhookData> = z.looseObject({
  method: z.literal(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).prefault('POST'),
  url: secretText,
  headers: secretDict.prefault({}),
  allow_private_urls: z.boolean().prefault(true),
  verify: z.boolean().prefault(true),
})
