// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { anyFields, nullable, text } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Block used to manage Databricks authentication. */
export interface DatabricksCredentialsData {
  /** Databricks instance used in formatting the endpoint URL. */
  databricks_instance: string
  /** The token to authenticate with Databricks. */
  token: Secret
  /** Additional keyword arguments to pass to AsyncClient. */
  client_kwargs: Record<string, unknown> | null
}

export const blockModule: BlockModule<DatabricksCredentialsData> = {
  readers: {
    databricks_instance: text,
    token: secretText,
    client_kwargs: nullable(anyFields),
  },
}
