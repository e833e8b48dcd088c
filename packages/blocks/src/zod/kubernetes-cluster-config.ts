// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { KubernetesClusterConfigData } from '../types/kubernetes-cluster-config.ts'
import { secretDict } from './helpers.ts'

/** The data of a `kubernetes-cluster-config` block. */
export const kubernetesClusterConfigSchema: z.ZodType<KubernetesClusterConfigData> = z.looseObject({
  config: secretDict,
  context_name: z.string(),
})
