// What layout.vectors.json is made of: the inputs. The rules that give the answers stand in ../layout-vectors.ts.

/** One set of options, by Python's names; `partitions` and `partition_types` as JSON can hold them. */
export type CaseOptions = Readonly<Record<string, unknown>>

/** PrefectInterfaces.jl's own cases with its own answers: nothing here is computed. */

export const juliaCases: readonly object[] = [
  {
    id: 'julia-docstring',
    origin: 'PrefectInterfaces.jl',
    options: { name: 'test_table', format: 'csv', today: '2023-07-24' },
    expect: {
      rundate: '2023-07-24',
      rundate_type: 'latest',
      path: 'extracts/csv/dataset=test_table/rundate=2023-07-24/data.csv',
      latest_path: 'extracts/csv/latest/dataset=test_table/data.csv',
      read_path: 'extracts/csv/latest/dataset=test_table/data.csv',
      write_paths: [
        'extracts/csv/dataset=test_table/rundate=2023-07-24/data.csv',
        'extracts/csv/latest/dataset=test_table/data.csv',
      ],
      glob: 'extracts/csv/dataset=test_table/rundate=*/data.csv',
    },
  },
  {
    id: 'julia-constructor',
    origin: 'PrefectInterfaces.jl',
    options: {
      name: 'test_julia_dataset',
      format: 'csv',
      rundate: '2023-07-24',
      today: '2023-07-24',
    },
    expect: {
      rundate: '2023-07-24',
      rundate_type: 'latest',
      path: 'extracts/csv/dataset=test_julia_dataset/rundate=2023-07-24/data.csv',
      latest_path: 'extracts/csv/latest/dataset=test_julia_dataset/data.csv',
      read_path: 'extracts/csv/latest/dataset=test_julia_dataset/data.csv',
      write_paths: [
        'extracts/csv/dataset=test_julia_dataset/rundate=2023-07-24/data.csv',
        'extracts/csv/latest/dataset=test_julia_dataset/data.csv',
      ],
      glob: 'extracts/csv/dataset=test_julia_dataset/rundate=*/data.csv',
    },
  },
  {
    id: 'julia-d1',
    origin: 'PrefectInterfaces.jl',
    options: { name: 'test_dataset_1', format: 'csv', today: '2023-07-24' },
    expect: {
      rundate: '2023-07-24',
      rundate_type: 'latest',
      path: 'extracts/csv/dataset=test_dataset_1/rundate=2023-07-24/data.csv',
      latest_path: 'extracts/csv/latest/dataset=test_dataset_1/data.csv',
      read_path: 'extracts/csv/latest/dataset=test_dataset_1/data.csv',
      write_paths: [
        'extracts/csv/dataset=test_dataset_1/rundate=2023-07-24/data.csv',
        'extracts/csv/latest/dataset=test_dataset_1/data.csv',
      ],
      glob: 'extracts/csv/dataset=test_dataset_1/rundate=*/data.csv',
    },
  },
  {
    id: 'julia-d2',
    origin: 'PrefectInterfaces.jl',
    options: {
      name: 'test_dataset_2',
      format: 'csv',
      rundate_type: 'latest',
      rundate: '2020-11-03',
      today: '2023-07-24',
    },
    expect: {
      rundate: '2020-11-03',
      rundate_type: 'latest',
      path: 'extracts/csv/dataset=test_dataset_2/rundate=2020-11-03/data.csv',
      latest_path: 'extracts/csv/latest/dataset=test_dataset_2/data.csv',
      read_path: 'extracts/csv/latest/dataset=test_dataset_2/data.csv',
      write_paths: ['extracts/csv/latest/dataset=test_dataset_2/data.csv'],
      glob: 'extracts/csv/dataset=test_dataset_2/rundate=*/data.csv',
    },
  },
  {
    id: 'julia-d3',
    origin: 'PrefectInterfaces.jl',
    options: {
      name: 'test_dataset_3',
      format: 'csv',
      rundate_type: 'specific',
      rundate: '2023-07-24',
      today: '2023-07-24',
    },
    expect: {
      rundate: '2023-07-24',
      rundate_type: 'specific',
      path: 'extracts/csv/dataset=test_dataset_3/rundate=2023-07-24/data.csv',
      latest_path: 'extracts/csv/latest/dataset=test_dataset_3/data.csv',
      read_path: 'extracts/csv/dataset=test_dataset_3/rundate=2023-07-24/data.csv',
      write_paths: ['extracts/csv/dataset=test_dataset_3/rundate=2023-07-24/data.csv'],
      glob: 'extracts/csv/dataset=test_dataset_3/rundate=*/data.csv',
    },
  },
  {
    id: 'julia-d4',
    origin: 'PrefectInterfaces.jl',
    options: {
      name: 'test_dataset_4',
      format: 'csv',
      rundate_type: 'specific',
      rundate: '2020-11-03',
      today: '2023-07-24',
    },
    expect: {
      rundate: '2020-11-03',
      rundate_type: 'specific',
      path: 'extracts/csv/dataset=test_dataset_4/rundate=2020-11-03/data.csv',
      latest_path: 'extracts/csv/latest/dataset=test_dataset_4/data.csv',
      read_path: 'extracts/csv/dataset=test_dataset_4/rundate=2020-11-03/data.csv',
      write_paths: ['extracts/csv/dataset=test_dataset_4/rundate=2020-11-03/data.csv'],
      glob: 'extracts/csv/dataset=test_dataset_4/rundate=*/data.csv',
    },
  },
]

/** Named cases on top of the usual options (see `usual`). */
export const namedCases: Readonly<Record<string, CaseOptions>> = {
  'default-other-day': {},
  'default-future-day': { rundate: '2023-07-25' },
  'latest-future-day': { rundate: '2023-07-25', rundate_type: 'latest' },
  'explicit-latest-today': { rundate: '2023-07-24', rundate_type: 'latest' },
  parquet: { format: 'parquet' },
  reports: { name: 'carrier_delays', type: 'reports', format: 'parquet', today: '2013-01-01' },
  images: { name: 'delay_map', type: 'images', format: 'png' },
  gzip: { compression: 'gzip', rundate: '2023-07-24' },
  zstd: { format: 'ndjson', compression: 'zstd' },
  'one-partition': { rundate: '2023-07-24', partitions: { carrier: 'UA' } },
  'partition-order-as-given': { partitions: { origin: 'JFK', carrier: 'B6', Month: 1 } },
  'partition-null': { partitions: { tailnum: null } },
  'partition-integers': { partitions: { a: 0, b: -7, c: 9007199254740991, d: '01234' } },
  'partition-hostile': { partitions: { k: '../../a=b/*?[x]' } },
  'partition-value-dots': { partitions: { k: '..' } },
  'partition-key-underscore': { partitions: { _k9: 'x' } },
  'partition-253-characters': { partitions: { k: 'v'.repeat(253) } },
  // An image is a dataset of one picture: the format is the picture's, facets are partitions.
  'images-jpg': { name: 'delay_map', type: 'images', format: 'jpg' },
  'images-svg-today': { name: 'delay_map', type: 'images', format: 'svg', rundate: '2023-07-24' },
  'images-webp-latest': {
    name: 'delay_map',
    type: 'images',
    format: 'webp',
    rundate_type: 'latest',
  },
  'images-pdf': { name: 'delay_map', type: 'images', format: 'pdf' },
  'images-facets': {
    name: 'delay_map',
    type: 'images',
    format: 'png',
    partitions: { origin: 'JFK', month: 1 },
  },
  'images-svg-gzip': { name: 'delay_map', type: 'images', format: 'svg', compression: 'gzip' },
  'typed-all': {
    partitions: { s: '01234', i: 7, d: '2013-01-31', t: '2013-01-31T06:00:00Z', n: null },
    partition_types: { s: 'string', i: 'integer', d: 'date', t: 'timestamp', n: 'date' },
  },
  'typed-some': { partitions: { s: 'a', i: 7 }, partition_types: { i: 'integer' } },
  'typed-none': { partitions: { s: 'a' }, partition_types: {} },
}

/** Values of one partition key `k` with the type declared for it. */
export const typedValues: Readonly<Record<string, readonly unknown[]>> = {
  string: ['01234', '2013-01-01', 'null', '-0', null],
  integer: [0, -1, 9007199254740991, '9223372036854775807', '-9223372036854775808', '42', null],
  date: ['2013-01-31', '2024-02-29', '2013-03-31', '0001-01-01', '9999-12-31', null],
  timestamp: [
    '2013-01-31T06:00:00Z',
    '2013-01-31 06:00Z',
    '2013-01-31T23:30:00-05:00',
    '2013-03-10T02:30:00-05:00',
    '2013-10-27T02:30:00+02:00',
    '2024-02-29T23:59:59.5Z',
    '2013-01-01T00:00:00.000500+00:00',
    '2013-01-01T00:00:00.123456Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999Z',
    null,
  ],
}

/** The same, all refused. */
export const badTypedValues: Readonly<Record<string, readonly unknown[]>> = {
  string: [7, true, '', ['a'], '__HIVE_DEFAULT_PARTITION__'],
  integer: [
    'a',
    '',
    '01',
    '-0',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    1.5,
    true,
    '9223372036854775808',
    '-9223372036854775809',
  ],
  date: ['', '2013-02-29', '2013-1-1', '2013-01-01T00:00:00Z', '0000-01-01', 20130101, true],
  timestamp: [
    '',
    '2013-01-31',
    '2013-01-31T06:00:00',
    '2013-02-29T06:00:00Z',
    '2013-01-31T25:00:00Z',
    '2013-01-31T06:00:00.1234567Z',
    'now',
    0,
    true,
  ],
}

/** Declarations that are refused. */
export const badPartitionTypes: readonly CaseOptions[] = [
  { partitions: { k: 'a' }, partition_types: { k: 'text' } },
  { partitions: { k: 'a' }, partition_types: { k: 'Integer' } },
  { partitions: { k: 'a' }, partition_types: { k: 7 } },
  { partitions: { k: 'a' }, partition_types: { other: 'string' } },
  { partition_types: { k: 'string' } },
]

/** Values that each option takes. */
export const goodValues: Readonly<Record<string, readonly unknown[]>> = {
  name: [
    'a',
    'A.b_c~d-e',
    '...',
    '-',
    '~',
    '0',
    'latest',
    'dataset',
    'rundate',
    'x'.repeat(247),
    '__proto__',
    'constructor',
  ],
  rundate: [
    '0001-01-01',
    '1999-12-31',
    '2000-02-29',
    '2024-02-29',
    '2023-02-28',
    '2013-03-31',
    '9999-12-31',
    '2013-01-31',
    '2013-02-28',
    '2013-04-30',
    '2013-12-31',
    '1900-02-28',
    '2400-02-29',
    '2013-03-10',
    '2013-10-27',
    '2011-12-31',
  ],
}

/** Values that each option refuses. */
export const badValues: Readonly<Record<string, readonly unknown[]>> = {
  name: [
    '',
    '.',
    '..',
    'a/b',
    '/a',
    'a\\b',
    'a b',
    'a%20b',
    'a=b',
    'a*',
    'a\n',
    'a\u0000',
    '\u00e9',
    '\ud83d\ude00',
    '\ud800',
    'x'.repeat(248),
    null,
    7,
    true,
    ['a'],
    { a: 1 },
  ],
  format: [
    '',
    'CSV',
    'csv.gz',
    '.csv',
    'csv/',
    '../csv',
    'c s v',
    'csv\n',
    '\u00e9',
    null,
    7,
    true,
  ],
  type: ['', 'extract', 'Reports', 'reports/', 'latest', 7, true],
  rundate_type: ['', 'Latest', 'newest', 'specific ', 7, false],
  compression: ['', 'gz', '.gz', 'GZIP', 'none', 7, false],
  rundate: [
    '',
    '2013-1-1',
    '20130101',
    '2013-02-29',
    '2023-02-29',
    '1900-02-29',
    '2013-13-01',
    '2013-00-10',
    '2013-01-00',
    '2013-04-31',
    '0000-01-01',
    '10000-01-01',
    '-001-01-01',
    '2013-W01-1',
    '2013-01-01T00:00:00Z',
    '2013-01-01 ',
    '2013-01-01\n',
    '\u0662\u0660\u0661\u0663-01-01',
    'today',
    20130101,
    true,
  ],
  today: ['', '2013-02-30', 'now', '2013-01-01T00:00:00Z'],
  partitions: [
    { k: '' },
    { k: '__HIVE_DEFAULT_PARTITION__' },
    { k: '\ud800' },
    { k: 'a\u0000b' },
    { k: 1.5 },
    { k: true },
    { k: ['a'] },
    { k: { a: 1 } },
    { k: 'v'.repeat(254) },
    { k: '\u00e9'.repeat(43) },
    { '': 'x' },
    { 'a b': 'x' },
    { 'a/b': 'x' },
    { 'a=b': 'x' },
    { '1': 'x' },
    { 'k\n': 'x' },
    { '\u00e9': 'x' },
    { dataset: 'x' },
    { rundate: 'x' },
    { RunDate: 'x' },
    { Day: '1', day: '2' },
  ],
}

/** Texts beside the single characters U+0001 to U+007F, as partition values. */
export const texts: readonly string[] = [
  '\u00e9',
  'e\u0301',
  '\u6f22\u5b57',
  '\ud83d\ude00',
  '\u2028',
  '\ufeff',
  '\u00a0',
  'New York',
  '2013-01-01',
  '2013-01-01 06:00:00',
  '01234',
  '-1',
  'true',
  'null',
  'a/b',
  '../../etc/passwd',
  '..',
  '%2F',
  'a%20b',
  'a+b',
  'k=v',
  'a=b/c=d',
  '\\\\host\\share',
  'C:\\x',
  "'; drop table t; --",
  '${HOME}',
  '$(id)',
  '[ab]',
  '{a,b}',
  '~root',
]

/** Where today comes from, and which day that is: worked out by hand, `undefined` for a refusal. */
export const todayCases: readonly {
  readonly options: CaseOptions
  readonly today: string | undefined
}[] = [
  { options: { today: '2013-01-01' }, today: '2013-01-01' },
  {
    options: {
      today: '2013-01-01',
      scheduled_start: '2020-05-05T00:00:00Z',
      time_zone: 'Asia/Tokyo',
    },
    today: '2013-01-01',
  },
  { options: { scheduled_start: '2013-01-01T23:59:59Z' }, today: '2013-01-01' },
  { options: { scheduled_start: '2013-01-01T23:59:59.999999+00:00' }, today: '2013-01-01' },
  { options: { scheduled_start: '2013-01-02T00:00:00Z' }, today: '2013-01-02' },
  { options: { scheduled_start: '2013-01-01T23:30:00-05:00' }, today: '2013-01-02' },
  { options: { scheduled_start: '2013-01-01T00:30:00+02:00' }, today: '2012-12-31' },
  { options: { scheduled_start: '2013-01-01 06:00:00.5+00:00' }, today: '2013-01-01' },
  { options: { scheduled_start: '2013-01-01T06:00Z' }, today: '2013-01-01' },
  {
    options: { scheduled_start: '2013-01-01T03:00:00Z', time_zone: 'America/New_York' },
    today: '2012-12-31',
  },
  {
    options: { scheduled_start: '2013-01-01T05:00:00Z', time_zone: 'America/New_York' },
    today: '2013-01-01',
  },
  {
    options: { scheduled_start: '2013-03-10T04:59:59Z', time_zone: 'America/New_York' },
    today: '2013-03-09',
  },
  {
    options: { scheduled_start: '2013-03-11T03:59:59Z', time_zone: 'America/New_York' },
    today: '2013-03-10',
  },
  {
    options: { scheduled_start: '2013-03-11T04:00:00Z', time_zone: 'America/New_York' },
    today: '2013-03-11',
  },
  {
    options: { scheduled_start: '2013-11-03T04:00:00Z', time_zone: 'America/New_York' },
    today: '2013-11-03',
  },
  {
    options: { scheduled_start: '2013-11-04T04:59:59Z', time_zone: 'America/New_York' },
    today: '2013-11-03',
  },
  {
    options: { scheduled_start: '2013-10-26T22:00:00Z', time_zone: 'Europe/Berlin' },
    today: '2013-10-27',
  },
  {
    options: { scheduled_start: '2013-10-27T22:59:59Z', time_zone: 'Europe/Berlin' },
    today: '2013-10-27',
  },
  {
    options: { scheduled_start: '2011-12-30T09:59:59Z', time_zone: 'Pacific/Apia' },
    today: '2011-12-29',
  },
  {
    options: { scheduled_start: '2011-12-30T10:00:00Z', time_zone: 'Pacific/Apia' },
    today: '2011-12-31',
  },
  {
    options: { scheduled_start: '2013-01-01T18:15:00Z', time_zone: 'Asia/Kathmandu' },
    today: '2013-01-02',
  },
  { options: { scheduled_start: '2024-02-29T12:00:00Z', time_zone: 'UTC' }, today: '2024-02-29' },
  { options: { scheduled_start: '9999-12-31T23:59:59Z' }, today: '9999-12-31' },
  { options: { scheduled_start: '0001-01-01T12:00:00Z' }, today: '0001-01-01' },
  { options: { scheduled_start: null, clock: '2013-01-01T23:30:00Z' }, today: '2013-01-01' },
  { options: { clock: '2013-01-01T23:30:00Z', time_zone: 'Asia/Tokyo' }, today: '2013-01-02' },
  { options: { scheduled_start: '2013-01-01' }, today: undefined },
  { options: { scheduled_start: '2013-01-01T06:00:00' }, today: undefined },
  { options: { scheduled_start: '2013-01-01T25:00:00Z' }, today: undefined },
  { options: { scheduled_start: '2013-13-01T00:00:00Z' }, today: undefined },
  { options: { scheduled_start: 'yesterday' }, today: undefined },
  { options: { scheduled_start: '' }, today: undefined },
  { options: { scheduled_start: 7 }, today: undefined },
  { options: { clock: '2013-01-01T00:00:00Z', time_zone: 'Mars/Olympus' }, today: undefined },
  { options: { clock: '2013-01-01T00:00:00Z', time_zone: '' }, today: undefined },
  { options: { clock: '2013-01-01T00:00:00Z', time_zone: '+02:00' }, today: undefined },
  { options: { clock: '2013-01-01T00:00:00Z', time_zone: '../UTC' }, today: undefined },
  { options: { today: '2013-02-29' }, today: undefined },
  // The last day of months, seen from zones on either side.
  { options: { scheduled_start: '2013-01-31T23:59:59Z' }, today: '2013-01-31' },
  {
    options: { scheduled_start: '2013-01-31T23:59:59Z', time_zone: 'Europe/Berlin' },
    today: '2013-02-01',
  },
  {
    options: { scheduled_start: '2013-03-01T04:59:59Z', time_zone: 'America/New_York' },
    today: '2013-02-28',
  },
  {
    options: { scheduled_start: '2024-03-01T04:59:59Z', time_zone: 'America/New_York' },
    today: '2024-02-29',
  },
  {
    options: { scheduled_start: '2013-12-31T23:30:00Z', time_zone: 'Europe/London' },
    today: '2013-12-31',
  },
  {
    options: { scheduled_start: '2013-12-31T15:00:00Z', time_zone: 'Asia/Tokyo' },
    today: '2014-01-01',
  },
  {
    options: { scheduled_start: '2013-04-30T10:00:00Z', time_zone: 'Pacific/Kiritimati' },
    today: '2013-05-01',
  },
  {
    options: { scheduled_start: '2013-05-01T10:59:59Z', time_zone: 'Pacific/Pago_Pago' },
    today: '2013-04-30',
  },
  // Days of 23 and 25 hours, and zones whose clocks change at midnight.
  {
    options: { scheduled_start: '2013-03-30T23:00:00Z', time_zone: 'Europe/Berlin' },
    today: '2013-03-31',
  },
  {
    options: { scheduled_start: '2013-03-31T21:59:59Z', time_zone: 'Europe/Berlin' },
    today: '2013-03-31',
  },
  {
    options: { scheduled_start: '2013-03-31T22:00:00Z', time_zone: 'Europe/Berlin' },
    today: '2013-04-01',
  },
  {
    options: { scheduled_start: '2013-10-27T23:00:00Z', time_zone: 'Europe/Berlin' },
    today: '2013-10-28',
  },
  {
    options: { scheduled_start: '2013-10-20T02:59:59Z', time_zone: 'America/Sao_Paulo' },
    today: '2013-10-19',
  },
  {
    options: { scheduled_start: '2013-10-20T03:00:00Z', time_zone: 'America/Sao_Paulo' },
    today: '2013-10-20',
  },
  {
    options: { scheduled_start: '2013-04-06T14:59:59Z', time_zone: 'Australia/Lord_Howe' },
    today: '2013-04-07',
  },
  // The ends of the calendar.
  {
    options: { scheduled_start: '9999-12-31T12:00:00Z', time_zone: 'America/New_York' },
    today: '9999-12-31',
  },
  {
    options: { scheduled_start: '9999-12-31T23:00:00Z', time_zone: 'Asia/Tokyo' },
    today: undefined,
  },
  { options: { scheduled_start: '9999-12-31T23:59:59.999999Z' }, today: '9999-12-31' },
  { options: { today: '9999-12-31' }, today: '9999-12-31' },
  { options: { today: '10000-01-01' }, today: undefined },
]

/** Flow parameters that are taken. */
export const goodParams: Readonly<Record<string, { readonly [name: string]: unknown }>> = {
  all: {
    dataset_name: 'flights',
    datastore_type: 'local',
    dataset_type: 'extracts',
    file_format: 'csv',
    rundate: '2013-01-01',
    rundate_type: 'specific',
  },
  'remote-report': {
    dataset_name: 'carrier_delays',
    datastore_type: 'remote',
    dataset_type: 'reports',
    file_format: 'parquet',
    rundate: '2023-07-24',
  },
  defaults: { dataset_name: 'flights' },
  nulls: {
    dataset_name: 'flights',
    datastore_type: null,
    dataset_type: null,
    file_format: null,
    rundate: null,
    rundate_type: null,
  },
  'latest-other-day': { dataset_name: 'flights', rundate: '2013-01-01', rundate_type: 'latest' },
}

/** Flow parameters that are refused, with words that the message must hold. */
export const badParams: readonly {
  readonly id: string
  readonly params: unknown
  readonly says: readonly string[]
}[] = [
  {
    id: 'unknown',
    params: { dataset_name: 'flights', rundat: '2013-01-01' },
    says: ['rundat', 'dataset_name'],
  },
  { id: 'unknown-number', params: { dataset_name: 'flights', limit: 5 }, says: ['limit'] },
  {
    id: 'unknown-proto',
    params: { dataset_name: 'flights', constructor: 'x' },
    says: ['constructor'],
  },
  { id: 'missing-name', params: { rundate: '2013-01-01' }, says: ['dataset_name', 'missing'] },
  { id: 'null-name', params: { dataset_name: null }, says: ['dataset_name', 'missing'] },
  { id: 'bad-dataset_name-0', params: { dataset_name: 5 }, says: ['dataset_name'] },
  { id: 'bad-dataset_name-1', params: { dataset_name: true }, says: ['dataset_name'] },
  { id: 'bad-dataset_name-2', params: { dataset_name: ['a'] }, says: ['dataset_name'] },
  { id: 'bad-dataset_name-3', params: { dataset_name: { a: 1 } }, says: ['dataset_name'] },
  { id: 'bad-dataset_name-4', params: { dataset_name: '' }, says: ['dataset_name'] },
  { id: 'bad-dataset_name-5', params: { dataset_name: 'a/b' }, says: ['dataset_name'] },
  { id: 'bad-dataset_name-6', params: { dataset_name: '..' }, says: ['dataset_name'] },
  {
    id: 'bad-datastore_type-0',
    params: { dataset_name: 'flights', datastore_type: 5 },
    says: ['datastore_type'],
  },
  {
    id: 'bad-datastore_type-1',
    params: { dataset_name: 'flights', datastore_type: 'cloud' },
    says: ['datastore_type'],
  },
  {
    id: 'bad-datastore_type-2',
    params: { dataset_name: 'flights', datastore_type: '' },
    says: ['datastore_type'],
  },
  {
    id: 'bad-dataset_type-0',
    params: { dataset_name: 'flights', dataset_type: 5 },
    says: ['dataset_type'],
  },
  {
    id: 'bad-dataset_type-1',
    params: { dataset_name: 'flights', dataset_type: 'extract' },
    says: ['dataset_type'],
  },
  {
    id: 'bad-dataset_type-2',
    params: { dataset_name: 'flights', dataset_type: '' },
    says: ['dataset_type'],
  },
  {
    id: 'bad-file_format-0',
    params: { dataset_name: 'flights', file_format: 5 },
    says: ['file_format'],
  },
  {
    id: 'bad-file_format-1',
    params: { dataset_name: 'flights', file_format: 'CSV' },
    says: ['file_format'],
  },
  {
    id: 'bad-file_format-2',
    params: { dataset_name: 'flights', file_format: 'csv.gz' },
    says: ['file_format'],
  },
  {
    id: 'bad-file_format-3',
    params: { dataset_name: 'flights', file_format: '' },
    says: ['file_format'],
  },
  {
    id: 'bad-rundate-0',
    params: { dataset_name: 'flights', rundate: 20130101 },
    says: ['rundate'],
  },
  { id: 'bad-rundate-1', params: { dataset_name: 'flights', rundate: 1.5 }, says: ['rundate'] },
  { id: 'bad-rundate-2', params: { dataset_name: 'flights', rundate: false }, says: ['rundate'] },
  {
    id: 'bad-rundate-3',
    params: { dataset_name: 'flights', rundate: '2013-1-1' },
    says: ['rundate'],
  },
  {
    id: 'bad-rundate-4',
    params: { dataset_name: 'flights', rundate: '2013-02-29' },
    says: ['rundate'],
  },
  {
    id: 'bad-rundate-5',
    params: { dataset_name: 'flights', rundate: '2013-01-01T00:00:00' },
    says: ['rundate'],
  },
  { id: 'bad-rundate-6', params: { dataset_name: 'flights', rundate: '' }, says: ['rundate'] },
  {
    id: 'bad-rundate_type-0',
    params: { dataset_name: 'flights', rundate_type: 5 },
    says: ['rundate_type'],
  },
  {
    id: 'bad-rundate_type-1',
    params: { dataset_name: 'flights', rundate_type: 'newest' },
    says: ['rundate_type'],
  },
  {
    id: 'bad-rundate_type-2',
    params: { dataset_name: 'flights', rundate_type: '' },
    says: ['rundate_type'],
  },
  { id: 'not-an-object-0', params: null, says: ['object'] },
  { id: 'not-an-object-1', params: 'flights', says: ['object'] },
  { id: 'not-an-object-2', params: 5, says: ['object'] },
  { id: 'not-an-object-3', params: ['flights'], says: ['object'] },
]
