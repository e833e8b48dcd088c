export {
  type DuckdbConnection,
  type DuckdbInput,
  type DuckdbSource,
  type ReadDuckdbOptions,
  readDuckdb,
  writeDuckdb,
} from './duckdb-file.ts'
