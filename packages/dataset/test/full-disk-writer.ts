// Runs on a file system of 1 MiB: writes a day of a dataset with contents around and beyond the free space.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { isStoreError } from '@prefect-ts/store'
import { createLocalStore } from '@prefect-ts/store-local'
import { csv } from '../src/csv.ts'
import { digestOf } from '../src/digest.ts'
import { type Dataset, createDataset, writeDataset, writeRows } from '../src/index.ts'
import { readLatest } from '../src/latest-guard.ts'

/** What came of one write. */
export interface FullDiskOutcome {
  readonly writer: string
  readonly paths: string
  readonly size: number
  /** The error's code, or `done`. */
  readonly code: string
  /** Whose whole content stands there: `old`, `new`, `none`, or how it is broken. */
  readonly dated: string
  readonly latest: string
  /** The day that the guard says, and whether its digest is that of the content. */
  readonly noted: string | undefined
  readonly isDigestRight: boolean
  /** Temporary files and locks. */
  readonly left: readonly string[]
  /** What the next write, with room on the disk, did to `latest`. */
  readonly next: string
}

const [disk = '', elsewhere = ''] = process.argv.slice(2)
const base = join(disk, 'base')
const temporary = join(disk, 'tmp')
process.env['TMPDIR'] = temporary
const store = createLocalStore({ basepath: base })

function flights(rundate: string, today = rundate): Dataset {
  return createDataset({ name: 'flights', format: 'csv', rundate, rundateType: 'latest', today })
}

async function* pieces(text: string): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += 10_007) yield text.slice(start, start + 10_007)
}

function* rowsOf(text: string): Generator<{ n: string }> {
  for (const n of text.split('\n').slice(1, -1)) yield { n }
}

const writers: Record<string, (dataset: Dataset, text: string) => Promise<unknown>> = {
  bytes: (dataset, text) => writeDataset(store, dataset, Buffer.from(text)),
  stream: (dataset, text) => writeDataset(store, dataset, pieces(text)),
  async file(dataset, text) {
    const file = join(elsewhere, 'source.csv')
    await writeFile(file, text)
    return await writeDataset(store, dataset, { file })
  },
  rows: (dataset, text) => writeRows(store, dataset, rowsOf(text), { codec: csv() }),
}

const old = `n\n${'a'.repeat(120_000)}\n`
const oldDay = flights('2023-07-23')
const newDay = flights('2023-07-24')
const targets = { both: newDay, latest: flights('2023-07-24', '2023-07-25') }
// Two contents fit into about 790,000 bytes beside the two old ones.
const sizes = [250_000, 600_000, 1_200_000]
for (let size = 372_000; size < 420_000; size += 8_192) sizes.push(size)

const outcomes: FullDiskOutcome[] = []
for (const [writer, write] of Object.entries(writers)) {
  for (const [paths, dataset] of Object.entries(targets)) {
    for (const size of sizes) outcomes.push(await attempt(writer, write, paths, dataset, size))
  }
}
process.stdout.write(JSON.stringify(outcomes))

async function attempt(
  writer: string,
  write: (dataset: Dataset, text: string) => Promise<unknown>,
  paths: string,
  dataset: Dataset,
  size: number,
): Promise<FullDiskOutcome> {
  await rm(base, { recursive: true, force: true })
  await mkdir(temporary, { recursive: true })
  await writeDataset(store, oldDay, old)
  const text = `n\n${`${'b'.repeat(999)}\n`.repeat(Math.floor(size / 1000))}`
  const error: unknown = await write(dataset, text).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const stateOf = async (key: string): Promise<string> => {
    const object = await store.get(key)
    if (object === undefined) return 'none'
    const found = await new Response(object.body).text()
    return found === old ? 'old' : found === text ? 'new' : `${found.length} of ${text.length}`
  }
  const noted = await readLatest(store, dataset, undefined)
  const digest = digestOf(await readFile(store.locate(dataset.latestPath)))
  const outcome = {
    writer,
    paths,
    size,
    code: isStoreError(error) ? error.code : error === undefined ? 'done' : inspect(error),
    dated: await stateOf(newDay.path),
    latest: await stateOf(dataset.latestPath),
    noted: noted?.rundate,
    isDigestRight: noted?.sha256 === digest.sha256,
    left: (await readdir(disk, { recursive: true })).filter((name) => /tmp.|lock/.test(name)),
  }
  await rm(store.locate(oldDay.path))
  const { latest: next } = await writeDataset(store, flights('2023-07-26'), 'n\n1\n')
  return { ...outcome, next }
}
