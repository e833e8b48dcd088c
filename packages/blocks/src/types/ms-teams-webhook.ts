// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { flag, oneOf, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Enables sending notifications via a provided Microsoft Teams webhook. */
export interface MsTeamsWebhookData {
  /**
   * The type of notification being performed.
   * @default 'info'
   */
  notify_type: 'info' | 'success' | 'warning' | 'failure'
  /** The Microsoft Power Automate (Workflows) URL used to send notifications to Teams. */
  url: Secret
  /**
   * Whether to allow notifications to private URLs. Defaults to True.
   * @default true
   */
  allow_private_urls: boolean
  /**
   * Include an image with the notification.
   * @default true
   */
  include_image: boolean
  /**
   * Wrap the notification text.
   * @default true
   */
  wrap: boolean
}

export const blockModule: BlockModule<MsTeamsWebhookData> = {
  readers: {
    notify_type: withDefault(oneOf('info', 'success', 'warning', 'failure'), 'info'),
    url: secretText,
    allow_private_urls: withDefault(flag, true),
    include_image: withDefault(flag, true),
    wrap: withDefault(flag, true),
  },
}
