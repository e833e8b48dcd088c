// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { SlackWebhookData } from '../types/slack-webhook.ts'
import { secretText } from './helpers.ts'

/** The data of a `slack-webhook` block. */
export const slackWebhookSchema: z.ZodType<SlackWebhookData> = z.looseObject({
  notify_type: z.literal(['info', 'success', 'warning', 'failure']).prefault('info'),
  url: secretText,
  allow_private_urls: z.boolean().prefault(true),
})
