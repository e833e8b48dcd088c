// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { nullable, text } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/**
 * Store a GitLab personal access token to interact with private GitLab
 * repositories.
 */
export interface GitlabCredentialsData {
  /** A GitLab Personal Access Token with read_repository scope. */
  token: Secret | null
  /** URL to self-hosted GitLab instances. */
  url: string | null
}

export const blockModule: BlockModule<GitlabCredentialsData> = {
  readers: {
    token: nullable(secretText),
    url: nullable(text),
  },
}
