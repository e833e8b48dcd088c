import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { beforeAll, expect, it } from 'vitest'
import { uncompressSnappy } from '../src/parquet-compressors.ts'
import { createDataset, writeRows } from '../src/index.ts'
import { parquet } from '../src/parquet.ts'
import { oneOfEach as columns } from './one-of-each.ts'
import { runPython } from './python.ts'
import { makeFolder } from './stores.ts'

const masks = process.env['PREFECT_TS_TRIALS'] === 'full' ? 'all' : 'one'
let folder = ''

beforeAll(async () => {
  folder = await makeFolder()
  await runPython('damaged_parquet.py', folder)
  const store = createMemoryStore()
  const dataset = createDataset({ name: 'own', format: 'parquet' })
  const rows = Array.from({ length: 12 }, (_, index) => ({
    s: index % 7 === 3 ? null : `text ${index % 5}`,
    i: index % 5 === 1 ? null : index * index,
    d: index / 3,
    o: index % 3 === 0,
    y: `2013-01-${10 + index}`,
    t: new Date(index * 1e9),
  }))
  await writeRows(store, dataset, rows, { codec: parquet({ rowGroupSize: 7, columns }) })
  const found = await store.get(dataset.path)
  await writeFile(join(folder, 'own.parquet'), await new Response(found?.body).bytes())
}, 60_000)

interface Outcome {
  rows: number
  right: number
  refused: number
  differs: number[]
  other: string[]
  footer: number
  peak: number
}

it.each(['own', 'checked', 'pages-2', 'delta', 'lz4', 'duckdb'])(
  'every damaged byte and every cut of %s ends, within bounds, in rows or in a DatasetError',
  { timeout: 1_800_000 },
  async (name) => {
    const script = join(import.meta.dirname, 'damaged-parquet.ts')
    const options = ['-C', '@prefect-ts/source', '--max-old-space-size=256', script]
    const file = join(folder, `${name}.parquet`)
    const { stdout } = await promisify(execFile)(process.execPath, [...options, file, masks], {
      timeout: masks === 'all' ? 1_700_000 : 120_000,
    }).catch(async (error: unknown) => {
      const where = await readFile(`${file}.progress`, 'utf8')
      throw new Error(`did not end at ${where}`, { cause: error })
    })
    const outcome = JSON.parse(stdout) as Outcome
    expect(outcome.rows).toBe(12)
    expect(outcome.other).toEqual([])
    expect(outcome.refused).toBeGreaterThan(300)
    // Values that no check covers, and names in the footer, which has none; where pages have checksums only those.
    const pages = outcome.differs.filter((position) => position < outcome.footer)
    expect(outcome.differs).not.toContain(-1)
    expect(new Set(pages).size).toBeLessThan(name === 'checked' ? 1 : outcome.footer)
    expect(outcome.peak).toBeLessThan(500)
  },
)

it('refuses Snappy whose literals go backwards', () => {
  // hyparquet's own turns round for ever here: the length of the literal is negative.
  const bytes = Uint8Array.of(10, 0xfc, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0, 0)
  expect(() => uncompressSnappy(bytes, 10)).toThrow('is no valid Snappy')
  expect(Buffer.from(uncompressSnappy(Uint8Array.of(10, 0, 97, 34, 1, 0), 10)).toString()).toBe(
    'aaaaaaaaaa',
  )
})
