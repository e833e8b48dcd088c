// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { SecretData } from '../types/secret.ts'
import { secretJson } from './helpers.ts'

/** The data of a `secret` block. */
export const secretSchema: z.ZodType<SecretData> = z.looseObject({
  value: secretJson,
})
