// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import { nullable, text } from '../fields.ts'
import { secretDict } from '../secret-readers.ts'
import type { SecretDict } from '../secret-readers.ts'

/**
 * Block used to manage authentication with GCP. Google authentication is
 * handled via the `google.oauth2` module or through the CLI.
 * Specify either one of service `account_file` or `service_account_info`; if both
 * are not specified, the client will try to detect the credentials following Google's
 * [Application Default Credentials](https://cloud.google.com/docs/authentication/application-default-credentials).
 * See Google's [Authentication documentation](https://cloud.google.com/docs/authentication#service-accounts)
 * for details on inference and recommended authentication patterns.
 */
export interface GcpCredentialsData {
  /** Path to the service account JSON keyfile. */
  service_account_file: string | null
  /** The contents of the keyfile as a dict. */
  service_account_info: SecretDict | null
  /** The GCP project to use for the client. */
  project: string | null
}

export const blockModule: BlockModule<GcpCredentialsData> = {
  readers: {
    service_account_file: nullable(text),
    service_account_info: nullable(secretDict),
    project: nullable(text),
  },
}
