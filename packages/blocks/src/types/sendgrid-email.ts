// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { list, oneOf, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Enables sending notifications via Sendgrid email service. */
export interface SendgridEmailData {
  /**
   * The type of notification being performed.
   * @default 'info'
   */
  notify_type: 'info' | 'success' | 'warning' | 'failure'
  /** The API Key associated with your sendgrid account. */
  api_key: Secret
  /** The sender email id. */
  sender_email: string
  /** Email ids of all recipients. */
  to_emails: string[]
}

export const blockModule: BlockModule<SendgridEmailData> = {
  readers: {
    notify_type: withDefault(oneOf('info', 'success', 'warning', 'failure'), 'info'),
    api_key: secretText,
    sender_email: text,
    to_emails: list(text),
  },
}
