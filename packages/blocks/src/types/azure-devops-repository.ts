// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { integer, nullable, text } from '../fields.ts'
import { urlText } from '../secret-readers.ts'

/** Interact with files stored in Azure DevOps repositories. */
export interface AzureDevopsRepositoryData {
  /** The full HTTPS URL of the Azure DevOps repository. */
  repository: string | Secret
  /** Optional branch or tag name. */
  reference: string | null
  /**
   * Depth of git history to fetch.
   * @default 1
   */
  git_depth: number | null
  /** Azure DevOps Credentials block to authenticate with azuredevops private repositories */
  credentials: Block<'azuredevops-credentials'> | null
}

export const blockModule: BlockModule<AzureDevopsRepositoryData, 'credentials'> = {
  nested: {
    credentials: { types: ['azuredevops-credentials'], whenMissing: null },
  },
  readers: {
    repository: urlText,
    reference: nullable(text),
    git_depth: nullable(integer, 1),
  },
}
