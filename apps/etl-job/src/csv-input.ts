import type { DuckDBConnection } from '@duckdb/node-api'

/** A csv file to load. */
export interface CsvInput {
  /** Path of the file. */
  file: string
  /** What errors call it, as it says more than the path of a temporary file. */
  source: string
}

/** An input that does not fit: the message names line and column, never what stands there. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly code = 'INVALID_INPUT'

  constructor(source: string, problem: string) {
    super(`${source}: ${problem}. Correct the dataset and run the day again.`)
  }
}

/**
 * Loads a csv file as a table. Nothing is guessed: the header must name exactly these columns, in this order,
 * and every value must be of its column's type. Throws {@link InputError}.
 */
export async function loadCsv(
  connection: DuckDBConnection,
  table: string,
  columns: Readonly<Record<string, string>>,
  { file, source }: CsvInput,
): Promise<void> {
  const names = Object.keys(columns)
  const texts = Object.fromEntries(names.map((name) => [name, 'VARCHAR']))
  try {
    // DuckDB skips a header without looking at it.
    const header = await connection.runAndReadAll(
      `SELECT * FROM ${readCsv(file, texts, false)} LIMIT 1`,
    )
    const found = header.getRowsJS()[0]
    if (found === undefined) throw new InputError(source, 'the file is empty, not even a header')
    const wrong = names.findIndex((name, index) => found[index] !== name)
    if (wrong !== -1) {
      throw new InputError(source, `column ${wrong + 1} of the header is not "${names[wrong]}"`)
    }
    // A table, not a view: DuckDB checks no value of a column that a query leaves out.
    await connection.run(`CREATE TABLE ${table} AS FROM ${readCsv(file, columns, true)}`)
  } catch (error) {
    throw asInputError(error, source)
  }
}

/** Without DuckDB's own error, even as the cause: it holds the whole row. */
function asInputError(error: unknown, source: string): unknown {
  const text = error instanceof Error ? error.message : ''
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1]
  if (line === undefined) return error
  const fields = /^Expected Number of Columns: (\d+) Found: (\d+)/m.exec(text)
  const column = /^Error when converting column "(.+?)"\..* to '(.+)'$/m.exec(text)
  let problem = 'is not valid csv'
  if (fields) problem = `has ${fields[2]} fields, expected ${fields[1]}`
  else if (column) problem = `has no ${column[2]} in column "${column[1]}"`
  else if (/^Value with unterminated quote/m.test(text)) problem = 'has an unterminated quote'
  else if (/not utf-8 encoded/.test(text)) problem = 'is not UTF-8'
  return new InputError(source, `line ${line} ${problem}`)
}

function readCsv(path: string, columns: Readonly<Record<string, string>>, header: boolean): string {
  const types = Object.entries(columns).map(([name, type]) => `${name}: '${type}'`)
  const dialect = `auto_detect = false, delim = ',', quote = '"', escape = '"'`
  return `read_csv(${quote(path)}, header = ${header}, ${dialect}, columns = {${types.join(', ')}})`
}

/** A text as SQL. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
