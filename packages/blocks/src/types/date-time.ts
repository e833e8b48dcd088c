// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import { text } from '../fields.ts'

/** The `date-time` block of Prefect 2, which Prefect dropped in 2024. */
export interface DateTimeData {
  /** A date and time in ISO 8601. */
  value: string
}

export const blockModule: BlockModule<DateTimeData> = {
  readers: {
    value: text,
  },
}
