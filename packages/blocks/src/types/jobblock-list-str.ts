// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'

/** Fields of `jobblock-list-str`. */
export type JobblockListStrData = Record<string, unknown>

export const blockModule: BlockModule<JobblockListStrData> = {
  readers: {},
}
