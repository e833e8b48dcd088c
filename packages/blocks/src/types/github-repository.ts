// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { nullable, text } from '../fields.ts'
import { urlText } from '../secret-readers.ts'

/** Interact with files stored on GitHub repositories. */
export interface GithubRepositoryData {
  /** The URL of a GitHub repository to read from, in either HTTPS or SSH format. If you are using a private repo, it must be in the HTTPS format. */
  repository_url: string | Secret
  /** An optional reference to pin to; can be a branch name or tag. */
  reference: string | null
  /** An optional GitHubCredentials block for using private GitHub repos. */
  credentials: Block<'github-credentials'> | null
}

export const blockModule: BlockModule<GithubRepositoryData, 'credentials'> = {
  nested: {
    credentials: { types: ['github-credentials'], whenMissing: null },
  },
  readers: {
    repository_url: urlText,
    reference: nullable(text),
  },
}
