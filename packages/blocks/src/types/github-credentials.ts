// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { nullable } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Block used to manage GitHub authentication. */
export interface GithubCredentialsData {
  /** A GitHub personal access token (PAT). */
  token: Secret | null
}

export const blockModule: BlockModule<GithubCredentialsData> = {
  readers: {
    token: nullable(secretText),
  },
}
