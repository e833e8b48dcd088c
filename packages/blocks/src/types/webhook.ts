// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { flag, oneOf, withDefault } from '../fields.ts'
import { secretDict, secretText } from '../secret-readers.ts'
import type { SecretDict } from '../secret-readers.ts'

/** Block that enables calling webhooks. */
export interface WebhookData {
  /**
   * The webhook request method. Defaults to `POST`.
   * @default 'POST'
   */
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The webhook URL. */
  url: Secret
  /** A dictionary of headers to send with the webhook request. */
  headers: SecretDict
  /**
   * Whether to allow notifications to private URLs. Defaults to True.
   * @default true
   */
  allow_private_urls: boolean
  /**
   * Whether or not to enforce a secure connection to the webhook.
   * @default true
   */
  verify: boolean
}

export const blockModule: BlockModule<WebhookData> = {
  readers: {
    method: withDefault(oneOf('GET', 'POST', 'PUT', 'PATCH', 'DELETE'), 'POST'),
    url: secretText,
    headers: withDefault(secretDict, {}),
    allow_private_urls: withDefault(flag, true),
    verify: withDefault(flag, true),
  },
}
