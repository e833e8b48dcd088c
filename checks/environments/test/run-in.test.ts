import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cleanEnvironment, root, venv } from '../../../scripts/lib/prefect-server.ts'

const node = process.execPath
const runIn = [node, join(import.meta.dirname, 'fixtures/run-in.ts')]

it('passes Ctrl-C in a terminal on once, and ends as the signal says', () => {
  const counter = `
    let count = 0
    process.on('SIGINT', () => {
      count += 1
      setTimeout(() => { console.log('interrupts: ' + count); process.exit(0) }, 1000)
    })
    setInterval(() => {}, 1000)
    console.log('ready')`
  const terminal = [join(root, 'packages/cli/test/terminal.py'), '80', '--interrupt-at', 'ready']
  const { stdout, status } = spawnSync(
    join(venv, 'bin/python'),
    [...terminal, '--', ...runIn, node, '-e', counter],
    { cwd: root, encoding: 'utf8' },
  )
  expect(stdout).toContain('interrupts: 1')
  expect(status).toBe(130)
})

it('hands on what concerns a flow, and what is the environment’s', () => {
  const handed = {
    PREFECT_DATA_BLOCK_REMOTE: 's3-bucket/mine',
    PREFECT_DATASTORE_DEFAULT_TYPE: 'remote',
    PREFECT_LOGGING_LEVEL: 'DEBUG',
    PREFECT_TS_S3_ENDPOINT: 'http://127.0.0.1:9000',
  }
  const kept = {
    PREFECT_API_KEY: 'pnu_hunter2',
    PREFECT_SERVER_API_PORT: '1',
    PREFECT_TS_DATABASE_URL: 'postgresql+asyncpg://prefect:hunter2@localhost/prefect',
  }
  const { stdout } = spawnSync(
    node,
    [...runIn.slice(1), node, '-p', 'JSON.stringify(process.env)'],
    {
      cwd: root,
      env: cleanEnvironment({ PREFECT_TS_ENV: 'dev', ...handed, ...kept }),
      encoding: 'utf8',
    },
  )
  const variables = JSON.parse(stdout) as Record<string, string>
  expect(variables).toMatchObject({
    ...handed,
    PREFECT_TS_ENV: 'dev',
    PREFECT_HOME: join(root, '.prefect/dev'),
    PREFECT_API_URL: 'http://127.0.0.1:4240/api',
    PREFECT_TS_DATA_DIRECTORY: join(root, '.data/dev'),
  })
  expect(Object.keys(kept).filter((name) => name in variables)).toEqual([])
})
