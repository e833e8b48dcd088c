import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../scripts/lib/prefect-server.ts'
import { measure, report } from './lib/harness.ts'

const contender = (file: string): string => join(root, 'bench/contenders', file)
const versions = { node: process.versions.node }

/** Durable, atomic writes against the same system calls by hand, and listings of 100,000 files. */
export async function storeLocal(): Promise<void> {
  for (const [size, count, title] of [
    [10_240, 2_000, '2,000 writes of 10 KiB'],
    [64 * 1024 * 1024, 8, '8 writes of 64 MiB'],
  ] as const) {
    const rows = await measure(
      ['hand', 'store'].map((who) => ({
        name: who === 'hand' ? 'the same system calls by hand' : '@prefect-ts/store-local put',
        command: [
          process.execPath,
          contender('local-writes.mjs'),
          who,
          String(size),
          String(count),
        ],
        expect: 'done',
      })),
      7,
    )
    report(`store-local-writes-${size}`, title, rows, versions)
  }
  for (const files of [10_000, 100_000]) await listing(files)
}

async function listing(files: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-listing-'))
  try {
    for (let index = 0; index < files; index++) {
      const day = join(folder, `day=${index % 100}`)
      if (index < 100) mkdirSync(day)
      writeFileSync(join(day, `data-${index}.csv`), 'x')
    }
    const rows = await measure(
      ['hand', 'store'].map((who) => ({
        name: who === 'hand' ? 'readdir, sort, stat by hand' : '@prefect-ts/store-local list',
        command: [process.execPath, contender('local-listing.mjs'), who, folder],
        expect: `${files} files, ${files} with content`,
      })),
      5,
    )
    report(`store-local-listing-${files}`, `${files} files in 100 folders`, rows, versions)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
