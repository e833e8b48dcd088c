// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import { text } from '../fields.ts'

/** The `string` block of Prefect 2, which Prefect dropped in 2024. */
export interface StringData {
  /** A string. */
  value: string
}

export const blockModule: BlockModule<StringData> = {
  readers: {
    value: text,
  },
}
