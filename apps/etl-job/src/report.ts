import { DuckDBInstance } from '@duckdb/node-api'
import { dirname } from 'node:path'
import { InputError, loadCsv, quote, type CsvInput } from './csv-input.ts'

/** One row of the report. Delays are departure delays in minutes, of the flights that left. */
export interface CarrierDelay extends Record<string, unknown> {
  carrier: string
  name: string
  flights: number
  cancelled: number
  mean_delay: number | null
  p90_delay: number | null
}

const flightColumns = {
  year: 'INTEGER',
  month: 'INTEGER',
  day: 'INTEGER',
  dep_time: 'INTEGER',
  sched_dep_time: 'INTEGER',
  dep_delay: 'INTEGER',
  arr_time: 'INTEGER',
  sched_arr_time: 'INTEGER',
  arr_delay: 'INTEGER',
  carrier: 'VARCHAR',
  flight: 'INTEGER',
  tailnum: 'VARCHAR',
  origin: 'VARCHAR',
  dest: 'VARCHAR',
  air_time: 'INTEGER',
  distance: 'INTEGER',
  hour: 'INTEGER',
  minute: 'INTEGER',
  time_hour: 'TIMESTAMP',
}

const airlineColumns = { carrier: 'VARCHAR', name: 'VARCHAR' }

/** Computes the report from two csv files and writes it to a parquet file. Throws `InputError` for a bad row. */
export async function createReport(
  input: { flights: CsvInput; airlines: CsvInput },
  output: string,
  signal: AbortSignal,
): Promise<CarrierDelay[]> {
  // What does not fit into memory goes beside the output, not into the current folder.
  const instance = await DuckDBInstance.create(':memory:', { temp_directory: dirname(output) })
  const connection = await instance.connect()
  const interrupt = (): void => connection.interrupt()
  signal.addEventListener('abort', interrupt)
  try {
    signal.throwIfAborted()
    await loadCsv(connection, 'flights', flightColumns, input.flights)
    await loadCsv(connection, 'airlines', airlineColumns, input.airlines)
    await connection.run(`
      CREATE TABLE report AS
      SELECT carrier, coalesce(name, carrier) AS name, count(*)::INTEGER AS flights,
        count(*) FILTER (dep_delay IS NULL)::INTEGER AS cancelled,
        round(avg(dep_delay), 2) AS mean_delay, round(quantile_cont(dep_delay, 0.9), 2) AS p90_delay
      FROM flights LEFT JOIN airlines USING (carrier)
      GROUP BY ALL`)
    await connection.run(
      `COPY (FROM report ORDER BY carrier) TO ${quote(output)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    const reader = await connection.runAndReadAll('FROM report ORDER BY carrier')
    return reader.getRowObjectsJS() as unknown as CarrierDelay[]
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof InputError || !(error instanceof Error)) throw error
    throw new Error(`DuckDB could not make the report: ${error.message}`, { cause: error })
  } finally {
    signal.removeEventListener('abort', interrupt)
    connection.closeSync()
    instance.closeSync()
  }
}
