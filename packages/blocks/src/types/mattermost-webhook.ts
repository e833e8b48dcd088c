// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { flag, integer, list, nullable, oneOf, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Enables sending notifications via a provided Mattermost webhook. */
export interface MattermostWebhookData {
  /**
   * The type of notification being performed.
   * @default 'info'
   */
  notify_type: 'info' | 'success' | 'warning' | 'failure'
  /** The hostname of your Mattermost server. */
  hostname: string
  /**
   * Whether to use secure https connection.
   * @default false
   */
  secure: boolean
  /** The token associated with your Mattermost webhook. */
  token: Secret
  /** The name of the bot that will send the message. */
  botname: string | null
  /** The channel(s) you wish to notify. */
  channels: string[] | null
  /**
   * Whether to include the Apprise status image in the message.
   * @default false
   */
  include_image: boolean
  /** An optional sub-path specification to append to the hostname. */
  path: string | null
  /**
   * The port of your Mattermost server.
   * @default 8065
   */
  port: number
}

export const blockModule: BlockModule<MattermostWebhookData> = {
  readers: {
    notify_type: withDefault(oneOf('info', 'success', 'warning', 'failure'), 'info'),
    hostname: text,
    secure: withDefault(flag, false),
    token: secretText,
    botname: nullable(text),
    channels: nullable(list(text)),
    include_image: withDefault(flag, false),
    path: nullable(text),
    port: withDefault(integer, 8065),
  },
}
