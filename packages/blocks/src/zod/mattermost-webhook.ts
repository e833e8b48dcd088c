// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { MattermostWebhookData } from '../types/mattermost-webhook.ts'
import { secretText } from './helpers.ts'

/** The data of a `mattermost-webhook` block. */
export const mattermostWebhookSchema: z.ZodType<MattermostWebhookData> = z.looseObject({
  notify_type: z.literal(['info', 'success', 'warning', 'failure']).prefault('info'),
  hostname: z.string(),
  secure: z.boolean().prefault(false),
  token: secretText,
  botname: z.string().nullable().default(null),
  channels: z.array(z.string()).nullable().default(null),
  include_image: z.boolean().prefault(false),
  path: z.string().nullable().default(null),
  port: z.int().prefault(8065),
})
