// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import {
  anyFields,
  byKind,
  flag,
  nullable,
  number,
  oneOf,
  record,
  text,
  withDefault,
} from '../fields.ts'
import { secretDict, urlText } from '../secret-readers.ts'
import type { SecretDict } from '../secret-readers.ts'

/**
 * Enables sending notifications via any custom webhook.
 *
 * All nested string param contains `{{key}}` will be substituted with value from context/secrets.
 *
 * Context values include: `subject`, `body` and `name`.
 */
export interface CustomWebhookData {
  /** Name of the webhook. */
  name: string
  /** The webhook URL. */
  url: string | Secret
  /**
   * The webhook request method. Defaults to `POST`.
   * @default 'POST'
   */
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Custom query params. */
  params: Record<string, string> | null
  /** Send json data as payload. */
  json_data: Record<string, unknown> | null
  /** Send form data as payload. Should not be used together with _JSON Data_. Can be a dictionary for form-encoded data or a string for raw body content. */
  form_data: Record<string, string> | string | null
  /** Custom headers. */
  headers: Record<string, string> | null
  /** Custom cookies. */
  cookies: Record<string, string> | null
  /**
   * Request timeout in seconds. Defaults to 10.
   * @default 10
   */
  timeout: number
  /**
   * Whether to allow notifications to private URLs. Defaults to True.
   * @default true
   */
  allow_private_urls: boolean
  /** A dictionary of secret values to be substituted in other configs. */
  secrets: SecretDict
}

export const blockModule: BlockModule<CustomWebhookData> = {
  readers: {
    name: text,
    url: urlText,
    method: withDefault(oneOf('GET', 'POST', 'PUT', 'PATCH', 'DELETE'), 'POST'),
    params: nullable(record(text)),
    json_data: nullable(anyFields),
    form_data: nullable(byKind({ object: record(text), string: text })),
    headers: nullable(record(text)),
    cookies: nullable(record(text)),
    timeout: withDefault(number, 10),
    allow_private_urls: withDefault(flag, true),
    secrets: withDefault(secretDict, {}),
  },
}
