import { openSync, readFileSync, writeSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { type Row, createDataset, isDatasetError, readRows } from '../src/index.ts'
import { parquet } from '../src/parquet.ts'

// Reads one parquet file damaged in every place in turn and prints what came of it; the test that starts it has the time limit.
const [file = '', masks = ''] = process.argv.slice(2)
const progress = openSync(`${file}.progress`, 'w')
const original = readFileSync(file)
const dataset = createDataset({ name: 'damaged', format: 'parquet' })
const codec = parquet()

async function read(content: Uint8Array): Promise<Row[]> {
  const store = createMemoryStore()
  await store.put(dataset.readPath, content)
  const rows: Row[] = []
  for await (const row of readRows(store, dataset, { codec })) {
    if (rows.push(row) > 1000) throw new Error('more rows than were written')
  }
  return rows
}

const rows = await read(original)
const outcome = {
  rows: rows.length,
  right: 0,
  refused: 0,
  differs: [] as number[],
  other: [] as string[],
}
const footer = original.byteLength - 8 - original.readUInt32LE(original.byteLength - 8)

async function take(content: Uint8Array, where: string, position: number): Promise<void> {
  // Told before: when it never ends, this is where. To a file, since a pipe that nobody empties in time would end it.
  writeSync(progress, where.padEnd(40), 0)
  try {
    if (isDeepStrictEqual(await read(content), rows)) outcome.right += 1
    else outcome.differs.push(position)
  } catch (error) {
    const isNamed =
      isDatasetError(error, 'INVALID_CONTENT') &&
      /"damaged".* (row group|footer)/.test(error.message)
    if (isNamed || isDatasetError(error, 'INVALID_ROW')) outcome.refused += 1
    else outcome.other.push(`${where}: ${String(error)}`)
  }
}

const all = masks === 'all'
for (let position = 0; position < original.byteLength; position++) {
  for (const mask of all ? [255, 1, 2, 4, 8, 16, 32, 64, 128] : [position % 2 === 0 ? 255 : 1]) {
    const content = Uint8Array.from(original)
    content[position] = (content[position] ?? 0) ^ mask
    await take(content, `byte ${position} ^ ${mask}`, position)
  }
  if (all || position % 16 === 0 || position > original.byteLength - 16) {
    await take(original.subarray(0, position), `cut at ${position}`, -1)
  }
}
console.log(JSON.stringify({ ...outcome, footer, peak: process.resourceUsage().maxRSS / 1024 }))
