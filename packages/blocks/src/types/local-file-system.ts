// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import { nullable, text } from '../fields.ts'

/** Store data as a file on a local file system. */
export interface LocalFileSystemData {
  /** Default local path for this block to write to. */
  basepath: string | null
}

export const blockModule: BlockModule<LocalFileSystemData> = {
  readers: {
    basepath: nullable(text),
  },
}
