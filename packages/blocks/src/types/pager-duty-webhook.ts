// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { flag, nullable, oneOf, record, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Enables sending notifications via a provided PagerDuty webhook. */
export interface PagerDutyWebhookData {
  /**
   * The severity of the notification.
   * @default 'info'
   */
  notify_type: 'info' | 'success' | 'warning' | 'failure'
  /** This can be found on the Events API V2 integration's detail page, and is also referred to as a Routing Key. This must be provided alongside `api_key`, but will error if provided alongside `url`. */
  integration_key: Secret
  /** This can be found under Integrations. This must be provided alongside `integration_key`, but will error if provided alongside `url`. */
  api_key: Secret
  /**
   * The source string as part of the payload.
   * @default 'Prefect'
   */
  source: string | null
  /**
   * The component string as part of the payload.
   * @default 'Notification'
   */
  component: string
  /** The group string as part of the payload. */
  group: string | null
  /** The class string as part of the payload. */
  class_id: string | null
  /**
   * The region name.
   * @default 'us'
   */
  region_name: 'us' | 'eu'
  /** A clickable URL to associate with the notice. */
  clickable_url: string | null
  /**
   * Associate the notification status via a represented icon.
   * @default true
   */
  include_image: boolean
  /** Additional details to include as part of the payload. */
  custom_details: Record<string, string> | null
}

export const blockModule: BlockModule<PagerDutyWebhookData> = {
  readers: {
    notify_type: withDefault(oneOf('info', 'success', 'warning', 'failure'), 'info'),
    integration_key: secretText,
    api_key: secretText,
    source: nullable(text, 'Prefect'),
    component: withDefault(text, 'Notification'),
    group: nullable(text),
    class_id: nullable(text),
    region_name: withDefault(oneOf('us', 'eu'), 'us'),
    clickable_url: nullable(text),
    include_image: withDefault(flag, true),
    custom_details: nullable(record(text)),
  },
}
