// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AsyncSqlalchemyConnectorData } from '../types/async-sqlalchemy-connector.ts'
import { secretText } from './helpers.ts'
import { connectionComponentsSchema } from './models/connection-components.ts'

/** The data of a `async-sqlalchemy-connector` block. */
export const asyncSqlalchemyConnectorSchema: z.ZodType<AsyncSqlalchemyConnectorData> =
  z.looseObject({
    connection_info: z.union([connectionComponentsSchema, secretText]),
    connect_args: z.record(z.string(), z.unknown()).nullable().default(null),
    fetch_size: z.int().prefault(1),
  })
