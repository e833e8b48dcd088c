import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, expect, inject, it } from 'vitest'
import { environment, python } from './flows.ts'

const folder = mkdtempSync(join(tmpdir(), 'reconcile-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('starts each missing day once, ends what gives no sign of life, repeats, and gives up', () => {
  const env = environment({
    PREFECT_API_URL: inject('prefectApiUrl'),
    PREFECT_HOME: join(folder, 'home'),
    PREFECT_DATA_BLOCK_LOCAL: `local-file-system/${basename(folder).toLowerCase()}`,
  })
  const script = join(import.meta.dirname, 'fixtures/reconcile.py')
  const { stdout, stderr, status } = spawnSync(python, [script, join(folder, 'data')], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  expect(JSON.parse(stdout)).toEqual({
    'two at once': ['SCHEDULED'],
    'a log line': ['RUNNING'],
    'a heartbeat': ['RUNNING'],
    'no sign of life': ['CRASHED', 'SCHEDULED'],
    'failed twice': ['given up', 'Failed: boom', 'CRASHED', 'FAILED'],
    'a later backfill': [1, 2],
    'the report is there': ['done', 'done', 'was there'],
  })
})
