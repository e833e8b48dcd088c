// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

/** The values of `SyncDriver`. */
export type SyncDriver =
  | 'postgresql+psycopg2'
  | 'postgresql+pg8000'
  | 'postgresql+psycopg2cffi'
  | 'postgresql+pypostgresql'
  | 'postgresql+pygresql'
  | 'mysql+mysqldb'
  | 'mysql+pymysql'
  | 'mysql+mysqlconnector'
  | 'mysql+cymysql'
  | 'mysql+oursql'
  | 'mysql+pyodbc'
  | 'sqlite+pysqlite'
  | 'sqlite+pysqlcipher'
  | 'oracle+cx_oracle'
  | 'oracle+oracledb'
  | 'mssql+pyodbc'
  | 'mssql+mxodbc'
  | 'mssql+pymssql'
