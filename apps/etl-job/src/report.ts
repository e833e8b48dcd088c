import { DuckDBInstance } from '@duckdb/node-api'

/** One row of the report. Delays are departure delays in minutes, of the flights that left. */
export interface CarrierDelay extends Record<string, unknown> {
  carrier: string
  name: string
  flights: number
  cancelled: number
  mean_delay: number | null
  p90_delay: number | null
}

const flightColumns = `{
  year: 'INTEGER', month: 'INTEGER', day: 'INTEGER', dep_time: 'INTEGER', sched_dep_time: 'INTEGER',
  dep_delay: 'INTEGER', arr_time: 'INTEGER', sched_arr_time: 'INTEGER', arr_delay: 'INTEGER', carrier: 'VARCHAR',
  flight: 'INTEGER', tailnum: 'VARCHAR', origin: 'VARCHAR', dest: 'VARCHAR', air_time: 'INTEGER',
  distance: 'INTEGER', hour: 'INTEGER', minute: 'INTEGER', time_hour: 'TIMESTAMP'
}`

/** Computes the report from two csv files and writes it to a parquet file. Throws {@link InputError} for a bad row. */
export async function createReport(
  input: { flights: string; airlines: string },
  output: string,
  signal: AbortSignal,
): Promise<CarrierDelay[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const interrupt = (): void => connection.interrupt()
  signal.addEventListener('abort', interrupt)
  try {
    await connection.run(`
      CREATE TABLE report AS
      SELECT carrier, coalesce(name, carrier) AS name, count(*)::INTEGER AS flights,
        count(*) FILTER (dep_delay IS NULL)::INTEGER AS cancelled,
        round(avg(dep_delay), 2) AS mean_delay, round(quantile_cont(dep_delay, 0.9), 2) AS p90_delay
      FROM ${readCsv(input.flights, flightColumns)} AS flights
      LEFT JOIN ${readCsv(input.airlines, "{ carrier: 'VARCHAR', name: 'VARCHAR' }")} AS airlines
        USING (carrier)
      GROUP BY ALL ORDER BY carrier`)
    await connection.run(
      `COPY (FROM report ORDER BY carrier) TO ${quote(output)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    const reader = await connection.runAndReadAll('FROM report ORDER BY carrier')
    return reader.getRowObjectsJS() as unknown as CarrierDelay[]
  } catch (error) {
    signal.throwIfAborted()
    throw asInputError(error)
  } finally {
    signal.removeEventListener('abort', interrupt)
    connection.closeSync()
    instance.closeSync()
  }
}

/** A row of an input that does not fit: names the file and the line, not the row's contents. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly code = 'INVALID_INPUT'
}

function asInputError(error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error)
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1]
  if (line === undefined) return error
  const file = /file = .*?([^/\n]+\.csv)/.exec(text)?.[1] ?? 'the input'
  const columns = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text)
  const problem = columns
    ? `has ${columns[2]} fields, expected ${columns[1]}`
    : (/(Error when converting column "[^"]+")/.exec(text)?.[1] ?? 'does not fit')
  return new InputError(
    `${file}: line ${line} ${problem}. Correct the dataset and run the day again.`,
  )
}

/** Columns are declared, never guessed, and a row must have exactly these. */
function readCsv(path: string, columns: string): string {
  const dialect = `header = true, auto_detect = false, delim = ',', quote = '"', escape = '"'`
  return `read_csv(${quote(path)}, ${dialect}, columns = ${columns})`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
