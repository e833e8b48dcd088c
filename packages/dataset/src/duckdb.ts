export {
  type DuckdbConnection,
  type ReadDuckdbOptions,
  readDuckdb,
  writeDuckdb,
} from './duckdb-file.ts'
