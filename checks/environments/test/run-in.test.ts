import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root, venv } from '../../../scripts/lib/prefect-server.ts'

it('passes Ctrl-C in a terminal on once, and ends as the signal says', () => {
  const terminal = join(root, 'packages/cli/test/terminal.py')
  const script = join(import.meta.dirname, 'fixtures/count-interrupts.ts')
  const { stdout, status } = spawnSync(
    join(venv, 'bin/python'),
    [terminal, '80', '--interrupt-at', 'ready', '--', process.execPath, script],
    { cwd: root, encoding: 'utf8' },
  )
  expect(stdout).toContain('interrupts: 1')
  expect(status).toBe(130)
})
