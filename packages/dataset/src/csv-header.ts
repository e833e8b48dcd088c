import { createReadStream } from 'node:fs'
import { type ColumnType, type ColumnTypes, checkNames } from './columns.ts'
import { decompress } from './compression.ts'
import { CsvError, type Field, MAX_RECORD_LENGTH, createCsvScanner } from './csv-scanner.ts'
import { toLines } from './csv-text.ts'
import type { Dataset } from './dataset.ts'
import { DatasetError, describe } from './errors.ts'

/** The columns of a csv file on disk, in its order and by its header; one without a type is text. Fails where a column that is declared is not there. */
export async function readHeader(
  file: string,
  dataset: Dataset,
  columns: ColumnTypes,
  signal: AbortSignal | undefined,
): Promise<[string, ColumnType][]> {
  const scanner = createCsvScanner({
    delimiter: ',',
    quote: '"',
    mixedLineEnds: true,
    maxRecordLength: MAX_RECORD_LENGTH,
  })
  const bytes = createReadStream(file, { signal })
  const chunks = dataset.compression === undefined ? bytes : decompress(bytes, dataset)
  try {
    let names: string[] | undefined
    for await (const text of toLines(chunks, MAX_RECORD_LENGTH, scanner.nextLine)) {
      scanner.add(text)
      names = toNames(scanner.header())
      if (names !== undefined) break
    }
    scanner.end()
    names ??= toNames(scanner.header())
    if (names === undefined) throw emptyFile()
    checkNames(names, columns, dataset)
    const typeOf = (name: string): ColumnType =>
      (Object.hasOwn(columns, name) ? columns[name] : undefined) ?? 'string'
    return names.map((name) => [name, typeOf(name)])
  } catch (error) {
    throw placed(error, dataset)
  }
}

/** The names in a header. */
export function toNames(fields: readonly Field[] | undefined): string[] | undefined {
  const names = fields?.map((field) => field ?? '')
  const seen = new Set<string>()
  const twice = names?.find((name) => seen.size === seen.add(name).size)
  if (twice !== undefined) throw new CsvError(`two columns are named ${describe(twice)}`, 1, 1)
  return names
}

/** There is nothing in the file. */
export function emptyFile(): CsvError {
  return new CsvError('the file is empty: not even a header', 1, 1)
}

/** What went wrong within a csv file, with its place; any other error as it is. */
export function placed(error: unknown, dataset: Dataset): unknown {
  if (!(error instanceof CsvError)) return error
  const { message, line, character } = error
  return new DatasetError(
    `Dataset "${dataset.name}": line ${line}, character ${character} of the csv file: ${message}.`,
    { code: 'INVALID_CONTENT', dataset: dataset.name, line, cause: error },
  )
}
