// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { integer, nullable, text } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Store data as a file on a SMB share. */
export interface SmbData {
  /** SMB target (requires <SHARE>, followed by <PATH>). */
  share_path: string
  /** Username with access to the target SMB SHARE. */
  smb_username: Secret | null
  /** Password for SMB access. */
  smb_password: Secret | null
  /** SMB server/hostname. */
  smb_host: string
  /** SMB port (default: 445). */
  smb_port: number | null
}

export const blockModule: BlockModule<SmbData> = {
  readers: {
    share_path: text,
    smb_username: nullable(secretText),
    smb_password: nullable(secretText),
    smb_host: text,
    smb_port: nullable(integer),
  },
}
