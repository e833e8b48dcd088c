// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { integer, withDefault } from '../fields.ts'

/**
 * A block for querying a database with BigQuery.
 *
 * Upon instantiating, a connection to BigQuery is established
 * and maintained for the life of the object until the close method is called.
 *
 * It is recommended to use this block as a context manager, which will automatically
 * close the connection and its cursors when the context is exited.
 *
 * It is also recommended that this block is loaded and consumed within a single task
 * or flow because if the block is passed across separate tasks and flows,
 * the state of the block's connection and cursor could be lost.
 */
export interface BigqueryWarehouseData {
  gcp_credentials: Block<'gcp-credentials'>
  /**
   * The number of rows to fetch at a time.
   * @default 1
   */
  fetch_size: number
}

export const blockModule: BlockModule<BigqueryWarehouseData, 'gcp_credentials'> = {
  nested: {
    gcp_credentials: { types: ['gcp-credentials'] },
  },
  readers: {
    fetch_size: withDefault(integer, 1),
  },
}
