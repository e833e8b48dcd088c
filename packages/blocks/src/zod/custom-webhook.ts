// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { CustomWebhookData } from '../types/custom-webhook.ts'
import { secretDict, urlText } from './helpers.ts'

/** The data of a `custom-webhook` block. */
export const customWebhookSchema: z.ZodType<CustomWebhookData> = z.looseObject({
  name: z.string(),
  url: urlText,
  method: z.literal(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).prefault('POST'),
  params: z.record(z.string(), z.string()).nullable().default(null),
  json_data: z.record(z.string(), z.unknown()).nullable().default(null),
  form_data: z
    .union([z.record(z.string(), z.string()), z.string()])
    .nullable()
    .default(null),
  headers: z.record(z.string(), z.string()).nullable().default(null),
  cookies: z.record(z.string(), z.string()).nullable().default(null),
  timeout: z.number().prefault(10),
  allow_private_urls: z.boolean().prefault(true),
  secrets: secretDict.prefault({}),
})
