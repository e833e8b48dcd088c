// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { flag, integer, list, nullable, oneOf, record, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Enables sending notifications via a provided Opsgenie webhook. */
export interface OpsgenieWebhookData {
  /**
   * The type of notification being performed.
   * @default 'info'
   */
  notify_type: 'info' | 'success' | 'warning' | 'failure'
  /** The API Key associated with your Opsgenie account. */
  apikey: Secret
  /** The user(s) you wish to notify. */
  target_user: string[] | null
  /** The team(s) you wish to notify. */
  target_team: string[] | null
  /** The schedule(s) you wish to notify. */
  target_schedule: string[] | null
  /** The escalation(s) you wish to notify. */
  target_escalation: string[] | null
  /**
   * The 2-character region code.
   * @default 'us'
   */
  region_name: 'us' | 'eu'
  /**
   * Notify all targets in batches (instead of individually).
   * @default false
   */
  batch: boolean
  /** A comma-separated list of tags you can associate with your Opsgenie message. */
  tags: string[] | null
  /**
   * The priority to associate with the message. It is on a scale between 1 (LOW) and 5 (EMERGENCY).
   * @default 3
   */
  priority: number | null
  /** The alias to associate with the message. */
  alias: string | null
  /** The entity to associate with the message. */
  entity: string | null
  /** Additional details composed of key/values pairs. */
  details: Record<string, string> | null
}

export const blockModule: BlockModule<OpsgenieWebhookData> = {
  readers: {
    notify_type: withDefault(oneOf('info', 'success', 'warning', 'failure'), 'info'),
    apikey: secretText,
    target_user: nullable(list(text)),
    target_team: nullable(list(text)),
    target_schedule: nullable(list(text)),
    target_escalation: nullable(list(text)),
    region_name: withDefault(oneOf('us', 'eu'), 'us'),
    batch: withDefault(flag, false),
    tags: nullable(list(text)),
    priority: nullable(integer, 3),
    alias: nullable(text),
    entity: nullable(text),
    details: nullable(record(text)),
  },
}
