// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { list, oneOf, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Enables sending notifications via Twilio SMS. */
export interface TwilioSmsData {
  /**
   * The type of notification being performed.
   * @default 'info'
   */
  notify_type: 'info' | 'success' | 'warning' | 'failure'
  /** The Twilio Account SID - it can be found on the homepage of the Twilio console. */
  account_sid: string
  /** The Twilio Authentication Token - it can be found on the homepage of the Twilio console. */
  auth_token: Secret
  /** The valid Twilio phone number to send the message from. */
  from_phone_number: string
  /** A list of valid Twilio phone number(s) to send the message to. */
  to_phone_numbers: string[]
}

export const blockModule: BlockModule<TwilioSmsData> = {
  readers: {
    notify_type: withDefault(oneOf('info', 'success', 'warning', 'failure'), 'info'),
    account_sid: text,
    auth_token: secretText,
    from_phone_number: text,
    to_phone_numbers: list(text),
  },
}
