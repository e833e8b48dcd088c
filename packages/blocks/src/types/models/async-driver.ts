// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

/** The values of `AsyncDriver`. */
export type AsyncDriver =
  | 'postgresql+asyncpg'
  | 'sqlite+aiosqlite'
  | 'mysql+asyncmy'
  | 'mysql+aiomysql'
  | 'oracle+oracledb_async'
