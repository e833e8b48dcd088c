import { expect, it } from 'vitest'
import { runPython } from './python.ts'
import { vectors } from './vectors.ts'

it(
  'DuckDB and pyarrow write and read the directories of the vectors',
  { timeout: 120_000 },
  async () => {
    const counts = JSON.parse(await runPython('engines.py')) as Record<string, number>
    const taken = vectors.datasets.filter(({ error }) => error === undefined).length
    expect(counts['duckdb read']).toBe(taken)
    expect(counts['pyarrow read']).toBe(taken)
    expect(counts['duckdb wrote']).toBeGreaterThan(vectors.escapes.length)
    expect(counts['pyarrow wrote']).toBeGreaterThan(vectors.escapes.length)
  },
)
