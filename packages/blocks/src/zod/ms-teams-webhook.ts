// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { MsTeamsWebhookData } from '../types/ms-teams-webhook.ts'
import { secretText } from './helpers.ts'

/** The data of a `ms-teams-webhook` block. */
export const msTeamsWebhookSchema: z.ZodType<MsTeamsWebhookData> = z.looseObject({
  notify_type: z.literal(['info', 'success', 'warning', 'failure']).prefault('info'),
  url: secretText,
  allow_private_urls: z.boolean().prefault(true),
  include_image: z.boolean().prefault(true),
  wrap: z.boolean().prefault(true),
})
