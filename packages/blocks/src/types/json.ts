// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import { anyJson } from '../fields.ts'

/** The `json` block of Prefect 2, which Prefect dropped in 2024. */
export interface JsonData {
  /** Any JSON value. */
  value: unknown
}

export const blockModule: BlockModule<JsonData> = {
  readers: {
    value: anyJson,
  },
}
