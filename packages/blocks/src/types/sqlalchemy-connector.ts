// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { anyFields, byKind, integer, nullable, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'
import { connectionComponents } from './models/connection-components.ts'
import type { ConnectionComponents } from './models/connection-components.ts'

/**
 * Block used to manage authentication with a database using synchronous drivers.
 *
 * Upon instantiating, an engine is created and maintained for the life of
 * the object until the close method is called.
 *
 * It is recommended to use this block as a context manager, which will automatically
 * close the engine and its connections when the context is exited.
 *
 * It is also recommended that this block is loaded and consumed within a single task
 * or flow because if the block is passed across separate tasks and flows,
 * the state of the block's connection and cursor could be lost.
 */
export interface SqlalchemyConnectorData {
  /** SQLAlchemy URL to create the engine; either create from components or create from a string. */
  connection_info: ConnectionComponents | Secret
  /** The options which will be passed directly to the DBAPI's connect() method as additional keyword arguments. */
  connect_args: Record<string, unknown> | null
  /**
   * The number of rows to fetch at a time.
   * @default 1
   */
  fetch_size: number
}

export const blockModule: BlockModule<SqlalchemyConnectorData> = {
  readers: {
    connection_info: byKind({ object: connectionComponents, string: secretText }),
    connect_args: nullable(anyFields),
    fetch_size: withDefault(integer, 1),
  },
}
