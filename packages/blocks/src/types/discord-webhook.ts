// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { flag, nullable, oneOf, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Enables sending notifications via a provided Discord webhook. */
export interface DiscordWebhookData {
  /**
   * The type of notification being performed.
   * @default 'info'
   */
  notify_type: 'info' | 'success' | 'warning' | 'failure'
  /** The first part of 2 tokens provided to you after creating a incoming-webhook. */
  webhook_id: Secret
  /** The second part of 2 tokens provided to you after creating a incoming-webhook. */
  webhook_token: Secret
  /** Identify the name of the bot that should issue the message. If one isn't specified then the default is to just use your account (associated with the incoming-webhook). */
  botname: string | null
  /**
   * Whether to enable Text-To-Speech.
   * @default false
   */
  tts: boolean
  /**
   * Whether to include an image in-line with the message describing the notification type.
   * @default false
   */
  include_image: boolean
  /**
   * Whether to override the default discord avatar icon.
   * @default false
   */
  avatar: boolean
  /** Over-ride the default discord avatar icon URL. By default this is not set and Apprise chooses the URL dynamically based on the type of message (info, success, warning, or error). */
  avatar_url: string | null
}

export const blockModule: BlockModule<DiscordWebhookData> = {
  readers: {
    notify_type: withDefault(oneOf('info', 'success', 'warning', 'failure'), 'info'),
    webhook_id: secretText,
    webhook_token: secretText,
    botname: nullable(text),
    tts: withDefault(flag, false),
    include_image: withDefault(flag, false),
    avatar: withDefault(flag, false),
    avatar_url: nullable(text),
  },
}
