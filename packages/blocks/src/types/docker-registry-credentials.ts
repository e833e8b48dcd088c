// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { flag, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Store credentials for interacting with a Docker Registry. */
export interface DockerRegistryCredentialsData {
  /** The username to log into the registry with. */
  username: string
  /** The password to log into the registry with. */
  password: Secret
  /** The URL to the registry. Generally, "http" or "https" can be omitted. */
  registry_url: string
  /**
   * Whether or not to reauthenticate on each interaction.
   * @default true
   */
  reauth: boolean
}

export const blockModule: BlockModule<DockerRegistryCredentialsData> = {
  readers: {
    username: text,
    password: secretText,
    registry_url: text,
    reauth: withDefault(flag, true),
  },
}
