// just vectors: writes protocol/layout.vectors.json from the rules of the layout. They are stated here once more, apart from the
// packages that follow them; DuckDB and pyarrow are asked about the same cases by packages/dataset/test/engines.test.ts.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  badParams,
  badPartitionTypes,
  badTypedValues,
  badValues,
  type CaseOptions,
  goodParams,
  goodValues,
  juliaCases,
  namedCases,
  texts,
  todayCases,
  typedValues,
} from './lib/layout-cases.ts'
import { root } from './lib/prefect-server.ts'

const usual = { name: 'flights', format: 'csv', rundate: '2013-01-01', today: '2023-07-24' }

/** All but `A-Za-z0-9-._~` becomes `%` and two upper-case hex digits for each byte of its UTF-8. */
function escape(text: string): string {
  let escaped = ''
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte)
    const isPlain = byte < 128 && /[A-Za-z0-9._~-]/.test(character)
    escaped += isPlain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}

/** The text of a value before it is escaped: a timestamp is in UTC, a space for the T, without closing zeros. */
function textOf(value: unknown, type: unknown): string {
  if (type !== 'timestamp') return String(value)
  const [, whole = '', fraction = '', offset = ''] =
    /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(String(value)) ?? []
  const seconds = new Date(whole.replace(' ', 'T') + offset).toISOString().slice(0, 19)
  const rest = fraction.replace(/0+$/, '')
  return seconds.replace('T', ' ') + (rest === '' ? '' : `.${rest}`)
}

/** The answers for options that are taken. */
function layout(options: CaseOptions): object {
  const { name, format, today, compression } = options
  const { type = 'extracts', rundate = today, partitions, partition_types: types } = options
  const isToday = rundate === today
  const rundateType = options['rundate_type'] ?? (isToday ? 'latest' : 'specific')
  const entries = Object.entries((partitions ?? {}) as Record<string, unknown>)
  const declared = (types ?? {}) as Record<string, unknown>
  const directories = entries.map(([key, value]) => {
    const text =
      value === null ? '__HIVE_DEFAULT_PARTITION__' : escape(textOf(value, declared[key]))
    return `${key}=${text}/`
  })
  const suffix = { gzip: '.gz', zstd: '.zst' }[String(compression)] ?? ''
  const file = `data.${String(format)}${suffix}`
  const base = `${String(type)}/${String(format)}`
  const below = `${directories.join('')}${file}`
  const path = `${base}/dataset=${String(name)}/rundate=${String(rundate)}/${below}`
  const latest = `${base}/latest/dataset=${String(name)}/${below}`
  const readsLatest = rundateType === 'latest'
  return {
    rundate,
    rundate_type: rundateType,
    path,
    latest_path: latest,
    read_path: readsLatest ? latest : path,
    write_paths: readsLatest ? (isToday ? [path, latest] : [latest]) : [path],
    glob: `${base}/dataset=${String(name)}/rundate=*/${entries.map(([key]) => `${key}=*/`).join('')}${file}`,
  }
}

type Row = Record<string, unknown>

const taken = (id: string, options: CaseOptions): Row => ({
  id,
  origin: 'prefect-ts',
  options,
  expect: layout(options),
})
const refused = (id: string, options: CaseOptions): Row => ({
  id,
  origin: 'prefect-ts',
  options,
  error: 'INVALID_DATASET',
})

function datasets(): Row[] {
  const rows: Row[] = juliaCases.map((row) => ({ ...row }))
  for (const [id, options] of Object.entries(namedCases)) {
    rows.push(taken(id, { ...usual, ...options }))
  }
  for (const [option, values] of Object.entries(goodValues)) {
    values.forEach((value, index) =>
      rows.push(taken(`${option}-${index}`, { ...usual, [option]: value })),
    )
  }
  for (const [type, values] of Object.entries(typedValues)) {
    values.forEach((value, index) => rows.push(taken(`${type}-${index}`, typed(type, value))))
  }
  for (const [option, values] of Object.entries(badValues)) {
    values.forEach((value, index) =>
      rows.push(refused(`bad-${option}-${index}`, { ...usual, [option]: value })),
    )
  }
  for (const [type, values] of Object.entries(badTypedValues)) {
    values.forEach((value, index) => rows.push(refused(`bad-${type}-${index}`, typed(type, value))))
  }
  badPartitionTypes.forEach((options, index) =>
    rows.push(refused(`bad-partition-types-${index}`, { ...usual, ...options })),
  )
  return rows
}

function typed(type: string, value: unknown): CaseOptions {
  return { ...usual, partitions: { k: value }, partition_types: { k: type } }
}

function escapes(): Row[] {
  const characters = Array.from({ length: 127 }, (_, index) => String.fromCharCode(index + 1))
  return [...characters, ...texts].map((value) => ({ value, escaped: escape(value) }))
}

function todays(): Row[] {
  return todayCases.map(({ options, today: day }) =>
    day === undefined ? { options, error: 'INVALID_DATASET' } : { options, today: day },
  )
}

function params(): Row[] {
  const good = Object.entries(goodParams).map(([id, given]) => {
    const known = Object.entries(given).filter(([, value]) => value !== null)
    const { dataset_name: name, ...rest } = Object.fromEntries(known)
    const { file_format: format = 'csv', dataset_type: type = 'extracts', ...others } = rest
    const answers = layout({ name, format, type, today: usual.today, ...others }) as Row
    const { read_path, write_paths } = answers
    return { id, params: given, today: usual.today, expect: { read_path, write_paths } }
  })
  const bad = badParams.map(({ id, params: given, says }) => ({
    id,
    params: given,
    today: usual.today,
    error: 'INVALID_PARAMETER',
    says,
  }))
  return [...good, ...bad]
}

/** The whole file, as text. */
export function layoutVectors(): string {
  const about =
    'Paths, read/write table, escapes and refusals of datasets, written by scripts/layout-vectors.ts and read by the tests of @prefect-ts/dataset and ' +
    "of the Python package. Cases with origin PrefectInterfaces.jl are that project's own. DuckDB and pyarrow write and read the same directories."
  const lists = { datasets: datasets(), escapes: escapes(), today: todays(), params: params() }
  const text = Object.entries(lists).map(
    ([name, rows]) => `  "${name}": [\n${rows.map((row) => `    ${ascii(row)}`).join(',\n')}\n  ]`,
  )
  return `{\n  "version": 1,\n  "about": ${JSON.stringify(about)},\n${text.join(',\n')}\n}\n`
}

function ascii(row: Row): string {
  return JSON.stringify(row).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

if (import.meta.main) {
  writeFileSync(join(root, 'protocol/layout.vectors.json'), layoutVectors())
}
