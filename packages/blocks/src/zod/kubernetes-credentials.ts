// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { KubernetesCredentialsData } from '../types/kubernetes-credentials.ts'
import { nestedBlock } from './helpers.ts'
import { kubernetesClusterConfigSchema } from './kubernetes-cluster-config.ts'

/** The data of a `kubernetes-credentials` block. */
export const kubernetesCredentialsSchema: z.ZodType<KubernetesCredentialsData> = z.looseObject({
  cluster_config: nestedBlock({ 'kubernetes-cluster-config': kubernetesClusterConfigSchema })
    .nullable()
    .default(null),
})
