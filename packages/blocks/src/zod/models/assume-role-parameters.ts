// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AssumeRoleParameters } from '../../types/models/assume-role-parameters.ts'

export const assumeRoleParametersSchema: z.ZodType<AssumeRoleParameters> = z.looseObject({
  RoleSessionName: z.string().nullable().default(null),
  DurationSeconds: z.int().nullable().default(null),
  Policy: z.string().nullable().default(null),
  PolicyArns: z.array(z.record(z.string(), z.string())).nullable().default(null),
  Tags: z.array(z.record(z.string(), z.string())).nullable().default(null),
  TransitiveTagKeys: z.array(z.string()).nullable().default(null),
  ExternalId: z.string().nullable().default(null),
  SerialNumber: z.string().nullable().default(null),
  TokenCode: z.string().nullable().default(null),
  SourceIdentity: z.string().nullable().default(null),
  ProvidedContexts: z.array(z.record(z.string(), z.string())).nullable().default(null),
})
