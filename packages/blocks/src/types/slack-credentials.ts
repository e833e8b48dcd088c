// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { secretText } from '../secret-readers.ts'

/** Block holding Slack credentials for use in tasks and flows. */
export interface SlackCredentialsData {
  /** Bot user OAuth token for the Slack app used to perform actions. */
  token: Secret
}

export const blockModule: BlockModule<SlackCredentialsData> = {
  readers: {
    token: secretText,
  },
}
