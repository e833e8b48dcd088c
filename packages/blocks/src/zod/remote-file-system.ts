// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { RemoteFileSystemData } from '../types/remote-file-system.ts'
import { secretSettings, urlText } from './helpers.ts'

/** The data of a `remote-file-system` block. */
export const remoteFileSystemSchema: z.ZodType<RemoteFileSystemData> = z.looseObject({
  basepath: urlText,
  settings: secretSettings.prefault({}),
})
