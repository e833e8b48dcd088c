// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { SmbData } from '../types/smb.ts'
import { secretText } from './helpers.ts'

/** The data of a `smb` block. */
export const smbSchema: z.ZodType<SmbData> = z.looseObject({
  share_path: z.string(),
  smb_username: secretText.nullable().default(null),
  smb_password: secretText.nullable().default(null),
  smb_host: z.string(),
  smb_port: z.int().nullable().default(null),
})
