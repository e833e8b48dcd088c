// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { PagerDutyWebhookData } from '../types/pager-duty-webhook.ts'
import { secretText } from './helpers.ts'

/** The data of a `pager-duty-webhook` block. */
export const pagerDutyWebhookSchema: z.ZodType<PagerDutyWebhookData> = z.looseObject({
  notify_type: z.literal(['info', 'success', 'warning', 'failure']).prefault('info'),
  integration_key: secretText,
  api_key: secretText,
  source: z.string().nullable().prefault('Prefect'),
  component: z.string().prefault('Notification'),
  group: z.string().nullable().default(null),
  class_id: z.string().nullable().default(null),
  region_name: z.literal(['us', 'eu']).prefault('us'),
  clickable_url: z.string().nullable().default(null),
  include_image: z.boolean().prefault(true),
  custom_details: z.record(z.string(), z.string()).nullable().default(null),
})
