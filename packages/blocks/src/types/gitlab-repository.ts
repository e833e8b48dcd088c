// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { nullable, text } from '../fields.ts'
import { urlText } from '../secret-readers.ts'

/** Interact with files stored in GitLab repositories. */
export interface GitlabRepositoryData {
  /** The URL of a GitLab repository to read from, in either HTTP/HTTPS or SSH format. */
  repository: string | Secret
  /** An optional reference to pin to; can be a branch name or tag. */
  reference: string | null
  /** An optional GitLab Credentials block for authenticating with private GitLab repos. */
  credentials: Block<'gitlab-credentials'> | null
}

export const blockModule: BlockModule<GitlabRepositoryData, 'credentials'> = {
  nested: {
    credentials: { types: ['gitlab-credentials'], whenMissing: null },
  },
  readers: {
    repository: urlText,
    reference: nullable(text),
  },
}
