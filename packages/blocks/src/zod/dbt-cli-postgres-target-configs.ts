// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DbtCliPostgresTargetConfigsData } from '../types/dbt-cli-postgres-target-configs.ts'
import { databaseCredentialsSchema } from './database-credentials.ts'
import { nestedBlock } from './helpers.ts'
import { sqlalchemyConnectorSchema } from './sqlalchemy-connector.ts'

/** The data of a `dbt-cli-postgres-target-configs` block. */
export const dbtCliPostgresTargetConfigsSchema: z.ZodType<DbtCliPostgresTargetConfigsData> =
  z.looseObject({
    extras: z.record(z.string(), z.unknown()).nullable().default(null),
    allow_field_overrides: z.boolean().prefault(false),
    type: z.literal(['postgres']).prefault('postgres'),
    schema: z.string(),
    threads: z.int().prefault(4),
    credentials: nestedBlock({
      'database-credentials': databaseCredentialsSchema,
      'sqlalchemy-connector': sqlalchemyConnectorSchema,
    }),
  })
