// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import { text } from '../fields.ts'
import { secretDict } from '../secret-readers.ts'
import type { SecretDict } from '../secret-readers.ts'

/**
 * Stores configuration for interaction with Kubernetes clusters.
 *
 * See `from_file` for creation.
 */
export interface KubernetesClusterConfigData {
  /** The entire contents of a kubectl config file. */
  config: SecretDict
  /** The name of the kubectl context to use. */
  context_name: string
}

export const blockModule: BlockModule<KubernetesClusterConfigData> = {
  readers: {
    config: secretDict,
    context_name: text,
  },
}
