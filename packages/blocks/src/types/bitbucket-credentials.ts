// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { nullable, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Store BitBucket credentials to interact with private BitBucket repositories. */
export interface BitbucketCredentialsData {
  /** A BitBucket Personal Access Token - required for private repositories. */
  token: Secret | null
  /** Identification name unique across entire BitBucket site. */
  username: string | null
  /** The password to authenticate to BitBucket. */
  password: Secret | null
  /**
   * The base URL of your BitBucket instance.
   * @default 'https://api.bitbucket.org/'
   */
  url: string
}

export const blockModule: BlockModule<BitbucketCredentialsData> = {
  readers: {
    token: nullable(secretText),
    username: nullable(text),
    password: nullable(secretText),
    url: withDefault(text, 'https://api.bitbucket.org/'),
  },
}
