// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { SqlalchemyConnectorData } from '../types/sqlalchemy-connector.ts'
import { secretText } from './helpers.ts'
import { connectionComponentsSchema } from './models/connection-components.ts'

/** The data of a `sqlalchemy-connector` block. */
export const sqlalchemyConnectorSchema: z.ZodType<SqlalchemyConnectorData> = z.looseObject({
  connection_info: z.union([connectionComponentsSchema, secretText]),
  connect_args: z.record(z.string(), z.unknown()).nullable().default(null),
  fetch_size: z.int().prefault(1),
})
