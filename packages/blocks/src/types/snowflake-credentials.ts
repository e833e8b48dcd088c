// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { flag, nullable, oneOf, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Block used to manage authentication with Snowflake. */
export interface SnowflakeCredentialsData {
  /** The snowflake account name. */
  account: string
  /** The user name used to authenticate. */
  user: string
  /** The password used to authenticate. */
  password: Secret | null
  /** The PEM used to authenticate. */
  private_key: Secret | null
  /** The path to the private key. */
  private_key_path: string | null
  /** The password to use for the private key. */
  private_key_passphrase: Secret | null
  /**
   * The type of authenticator to use for initializing connection.
   * @default 'snowflake'
   */
  authenticator:
    | 'snowflake'
    | 'snowflake_jwt'
    | 'externalbrowser'
    | 'okta_endpoint'
    | 'oauth'
    | 'username_password_mfa'
  /** The OAuth or JWT Token to provide when authenticator is set to `oauth`. */
  token: Secret | null
  /** The Okta endpoint to use when authenticator is set to `okta_endpoint`. */
  endpoint: string | null
  /** The name of the default role to use. */
  role: string | null
  /** Whether to automatically commit. */
  autocommit: boolean | null
}

export const blockModule: BlockModule<SnowflakeCredentialsData> = {
  readers: {
    account: text,
    user: text,
    password: nullable(secretText),
    private_key: nullable(secretText),
    private_key_path: nullable(text),
    private_key_passphrase: nullable(secretText),
    authenticator: withDefault(
      oneOf(
        'snowflake',
        'snowflake_jwt',
        'externalbrowser',
        'okta_endpoint',
        'oauth',
        'username_password_mfa',
      ),
      'snowflake',
    ),
    token: nullable(secretText),
    endpoint: nullable(text),
    role: nullable(text),
    autocommit: nullable(flag),
  },
}
