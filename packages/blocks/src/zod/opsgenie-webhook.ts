// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { OpsgenieWebhookData } from '../types/opsgenie-webhook.ts'
import { secretText } from './helpers.ts'

/** The data of a `opsgenie-webhook` block. */
export const opsgenieWebhookSchema: z.ZodType<OpsgenieWebhookData> = z.looseObject({
  notify_type: z.literal(['info', 'success', 'warning', 'failure']).prefault('info'),
  apikey: secretText,
  target_user: z.array(z.string()).nullable().default(null),
  target_team: z.array(z.string()).nullable().default(null),
  target_schedule: z.array(z.string()).nullable().default(null),
  target_escalation: z.array(z.string()).nullable().default(null),
  region_name: z.literal(['us', 'eu']).prefault('us'),
  batch: z.boolean().prefault(false),
  tags: z.array(z.string()).nullable().default(null),
  priority: z.int().nullable().prefault(3),
  alias: z.string().nullable().default(null),
  entity: z.string().nullable().default(null),
  details: z.record(z.string(), z.string()).nullable().default(null),
})
