// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'

/** Credentials block for generating configured Kubernetes API clients. */
export interface KubernetesCredentialsData {
  cluster_config: Block<'kubernetes-cluster-config'> | null
}

export const blockModule: BlockModule<KubernetesCredentialsData, 'cluster_config'> = {
  nested: {
    cluster_config: { types: ['kubernetes-cluster-config'], whenMissing: null },
  },
  readers: {},
}
