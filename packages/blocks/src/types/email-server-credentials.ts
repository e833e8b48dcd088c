// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { byKind, integer, nullable, oneOf, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'
import type { SmtpServer } from './models/smtp-server.ts'
import type { SmtpType } from './models/smtp-type.ts'

/**
 * Block used to manage generic email server authentication.
 * It is recommended you use a
 * [Google App Password](https://support.google.com/accounts/answer/185833)
 * if you use Gmail.
 */
export interface EmailServerCredentialsData {
  /** The username to use for authentication to the server. Unnecessary if SMTP login is not required. */
  username: string | null
  /** The password to use for authentication to the server. Unnecessary if SMTP login is not required. */
  password: Secret | null
  /**
   * Either the hostname of the SMTP server, or one of the keys from the built-in SMTPServer Enum members, like 'gmail'.
   * @default 'smtp.gmail.com'
   */
  smtp_server: SmtpServer | (string & Record<never, never>)
  /**
   * Either 'SSL', 'STARTTLS', or 'INSECURE'.
   * @default 465
   */
  smtp_type: SmtpType | string
  /** If provided, overrides the smtp_type's default port number. */
  smtp_port: number | null
}

export const blockModule: BlockModule<EmailServerCredentialsData> = {
  readers: {
    username: nullable(text),
    password: nullable(secretText),
    smtp_server: withDefault(text, 'smtp.gmail.com'),
    smtp_type: withDefault(byKind({ number: oneOf(465, 587, 25), string: text }), 465),
    smtp_port: nullable(integer),
  },
}
