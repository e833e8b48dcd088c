// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { flag, oneOf, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/**
 * Enables sending notifications via a provided Slack webhook.
 *
 * Supports both standard Slack webhooks (hooks.slack.com) and Slack GovCloud
 * webhooks (hooks.slack-gov.com).
 */
export interface SlackWebhookData {
  /**
   * The type of notification being performed.
   * @default 'info'
   */
  notify_type: 'info' | 'success' | 'warning' | 'failure'
  /** Slack incoming webhook URL used to send notifications. */
  url: Secret
  /**
   * Whether to allow notifications to private URLs. Defaults to True.
   * @default true
   */
  allow_private_urls: boolean
}

export const blockModule: BlockModule<SlackWebhookData> = {
  readers: {
    notify_type: withDefault(oneOf('info', 'success', 'warning', 'failure'), 'info'),
    url: secretText,
    allow_private_urls: withDefault(flag, true),
  },
}
