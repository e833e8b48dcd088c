// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DiscordWebhookData } from '../types/discord-webhook.ts'
import { secretText } from './helpers.ts'

/** The data of a `discord-webhook` block. */
export const discordWebhookSchema: z.ZodType<DiscordWebhookData> = z.looseObject({
  notify_type: z.literal(['info', 'success', 'warning', 'failure']).prefault('info'),
  webhook_id: secretText,
  webhook_token: secretText,
  botname: z.string().nullable().default(null),
  tts: z.boolean().prefault(false),
  include_image: z.boolean().prefault(false),
  avatar: z.boolean().prefault(false),
  avatar_url: z.string().nullable().default(null),
})
