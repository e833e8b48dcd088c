// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { integer, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Credentials block for credential use across dbt Cloud tasks and flows. */
export interface DbtCloudCredentialsData {
  /** A dbt Cloud API key to use for authentication. */
  api_key: Secret
  /** The ID of your dbt Cloud account. */
  account_id: number
  /**
   * The base domain of your dbt Cloud instance.
   * @default 'cloud.getdbt.com'
   */
  domain: string
}

export const blockModule: BlockModule<DbtCloudCredentialsData> = {
  readers: {
    api_key: secretText,
    account_id: integer,
    domain: withDefault(text, 'cloud.getdbt.com'),
  },
}
