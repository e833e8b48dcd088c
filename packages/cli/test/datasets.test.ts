import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@prefect-ts/api'
import { saveBlock } from '@prefect-ts/blocks'
import { createDataset, writeDataset } from '@prefect-ts/dataset'
import { createLocalStore } from '@prefect-ts/store-local'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { runCli, runInTerminal, type Finished } from './run-cli.ts'

const apiUrl = inject('prefectApiUrl')
const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-cli-datasets-'))
const basepath = join(folder, 'data')
const block = `local-file-system/cli-${crypto.randomUUID().slice(0, 8)}`
const env = { PREFECT_API_URL: apiUrl, PREFECT_DATA_BLOCK_LOCAL: block }
const store = createLocalStore({ basepath })
const days = ['2013-01-01', '2013-01-02', '2013-01-04']
const csv = 'carrier,flights\nUA,165\nB6,163\n'

const datasets = (...args: string[]): Promise<Finished> =>
  runCli(['datasets', ...args], { env, cwd: folder })
const cp = (...args: string[]): Promise<Finished> => datasets('cp', 'one.csv', ...args)

beforeAll(async () => {
  mkdirSync(basepath, { recursive: true })
  const client = createClient({ apiUrl })
  const [, name = ''] = block.split('/')
  await saveBlock({ type: 'local-file-system', name, data: { basepath } }, { client })
  await client.close()
  for (const day of days) {
    const flights = createDataset({ name: 'flights', format: 'csv', rundate: day, today: day })
    await writeDataset(store, flights, csv, { rows: 2 })
  }
  const json = createDataset({ name: 'summary', type: 'reports', format: 'json', rundate: days[0] })
  await writeDataset(store, json, '{"rows": 2}')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('datasets', () => {
  it('ls shows every dataset with its files and days', async () => {
    const { stdout, exitCode } = await datasets('ls')
    expect(exitCode).toBe(0)
    expect(stdout).toBe(
      'flights\textracts\tcsv\t3\t90\t2013-01-01\t2013-01-04\tyes\n' +
        'summary\treports\tjson\t1\t11\t2013-01-01\t2013-01-01\tno\n',
    )
  })

  it('show tells what stands at latest', async () => {
    const { stdout } = await datasets('show', 'flights')
    expect(stdout).toContain('path\textracts/csv/latest/dataset=flights/data.csv\n')
    expect(stdout).toContain('latest\t2013-01-04\n')
    expect(stdout).toContain('latest rows\t2\n')
  })

  it('partitions lists days, from and to', async () => {
    const { stdout } = await datasets('partitions', 'flights', '--from', '2013-01-02')
    expect(stdout.split('\n').map((line) => line.slice(0, 10))).toEqual([...days.slice(1), ''])
  })

  it('head shows rows, in JSON too', async () => {
    expect((await datasets('head', 'flights')).stdout).toBe('UA\t165\nB6\t163\n')
    const json = await datasets('head', 'flights', '--rows', '1', '--json')
    expect(JSON.parse(json.stdout)).toEqual({ carrier: 'UA', flights: '165' })
    const other = await datasets('head', 'summary', '--rundate', '2013-01-01')
    expect(other).toMatchObject({ exitCode: 1, stdout: '' })
    expect(other.stderr).toContain('datasets cat')
  })

  it('says which day to name where there is no latest', async () => {
    const { stderr, exitCode } = await datasets('show', 'summary')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('the newest is 2013-01-01: name it as the rundate')
  })

  it('cat prints the bytes', async () => {
    expect((await datasets('cat', 'flights', '--rundate', '2013-01-02')).stdout).toBe(csv)
  })

  it('query prints what DuckDB reads', async () => {
    const { stdout } = await datasets('query', 'flights')
    expect(stdout).toContain(`${basepath}/extracts/csv/dataset=flights/rundate=*/data.csv`)
    expect((await datasets('query', 'flights', '--for', 'sqlite')).exitCode).toBe(2)
  })

  it('cp takes a dataset to a file and a file to a dataset', async () => {
    const down = await datasets('cp', 'dataset=flights', 'copy.csv')
    expect(down).toMatchObject({ exitCode: 0, stdout: `${join(folder, 'copy.csv')}\n` })
    expect(down.stderr).toMatch(/100 % {2}30 B of 30 B/)
    expect(readFileSync(join(folder, 'copy.csv'), 'utf8')).toBe(csv)
    const up = await datasets(
      'cp',
      'copy.csv',
      'dataset=again',
      '--format=csv',
      '--rundate=2013-01-01',
    )
    expect(up.exitCode).toBe(0)
    expect(up.stderr).toContain('latest untouched')
    expect((await datasets('cat', 'again', '--rundate', '2013-01-01')).stdout).toBe(csv)
    expect(up.stderr).toMatch(
      /dataset=again\/rundate=2013-01-01\/data\.csv .*100 % {2}30 B of 30 B/,
    )
    expect(await datasets('cp', 'a', 'b')).toMatchObject({ exitCode: 2 })
  })

  it('cp writes the partition that is named, and only a new dataset needs its format', async () => {
    writeFileSync(join(folder, 'one.csv'), csv)
    const partitioned = ['--rundate=2013-01-01', '--partition=origin=JFK', '--partition=month=1']
    const none = await cp('dataset=split', ...partitioned)
    expect(none).toMatchObject({ exitCode: 2 })
    expect(none.stderr).toContain('a new dataset needs its --format')
    expect((await cp('dataset=split', '--format=csv', ...partitioned)).exitCode).toBe(0)
    const path = 'extracts/csv/dataset=split/rundate=2013-01-01/origin=JFK/month=1/data.csv'
    expect(readFileSync(join(basepath, path), 'utf8')).toBe(csv)
    expect(
      (await cp('dataset=split', '--rundate=2013-01-02', ...partitioned.slice(1))).exitCode,
    ).toBe(0)
    expect(existsSync(join(basepath, path.replace('01/origin', '02/origin')))).toBe(true)
    expect((await cp('dataset=split', '--partition=JFK')).stderr).toContain('is not key=value')
    expect(
      existsSync(join(basepath, 'extracts/csv/dataset=split/rundate=2013-01-01/data.csv')),
    ).toBe(false)
  })

  it('rm deletes one day when that was said', async () => {
    const asked = await datasets('rm', 'flights', '--rundate', '2013-01-01')
    expect(asked).toMatchObject({ exitCode: 2, stdout: '' })
    expect((await datasets('rm', 'flights', '--rundate=2013-01-01', '--yes')).exitCode).toBe(0)
    expect((await datasets('partitions', 'flights')).stdout.startsWith('2013-01-02')).toBe(true)
    const again = await datasets('rm', 'flights', '--rundate=2013-01-01', '--yes')
    expect(again.exitCode).toBe(1)
    expect((await datasets('rm', 'flights', '--yes')).exitCode).toBe(2)
  })

  it('says what there is when a dataset or the block is missing', async () => {
    const { exitCode, stderr } = await datasets('show', 'flight')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('There is no dataset "flight"')
    expect(stderr).toContain('flights')
    const nowhere = await runCli(['datasets', 'ls'], { env: { PREFECT_API_URL: apiUrl } })
    expect(nowhere).toMatchObject({ exitCode: 2 })
    expect(nowhere.stderr).toContain('--block slug/name, or PREFECT_DATA_BLOCK_LOCAL')
  })

  it('cp of a day or a latest that is not there says which days are', async () => {
    const day = await datasets('cp', 'dataset=flights', 'no.csv', '--rundate', '2013-05-01')
    expect(day).toMatchObject({ exitCode: 1, stdout: '' })
    expect(day.stderr).toContain('The newest rundate there is 2013-01-04.')
    const latest = await datasets('cp', 'dataset=summary', 'no.json')
    expect(latest).toMatchObject({ exitCode: 1, stdout: '' })
    expect(latest.stderr).toContain('There is no latest, only days; the newest is 2013-01-01')
    // Nothing moved, so there is no line of progress either.
    expect(latest.stderr.trim().split('\n')).toHaveLength(1)
  })

  it(
    'cp draws a bar on a terminal, and Ctrl-C in the middle leaves nothing',
    { timeout: 180_000 },
    async () => {
      const big = createDataset({ name: 'big', format: 'bin', rundate: '2013-01-01' })
      await writeDataset(store, big, new Uint8Array(600_000_000))
      const args = ['datasets', 'cp', 'dataset=big', 'big.bin', '--rundate', '2013-01-01']
      const whole = await runInTerminal(args, 100, { env, cwd: folder })
      expect(whole.exitCode).toBe(0)
      expect(whole.stdout).toContain('████████████████████████ 100 %  600.0 MB of 600.0 MB')
      expect(whole.stdout).toMatch(/░/)
      for (const columns of [80, 40]) {
        const narrow = await runInTerminal(args, columns, { env, cwd: folder })
        const [first = ''] = narrow.stdout.replaceAll('\u001B[K', '').split('\n')
        const drawn = first.split('\r').filter(Boolean)
        expect(drawn.length).toBeGreaterThan(1)
        expect(drawn.at(-1)).toMatch(/█ 100 %/)
        for (const line of drawn) expect(line.length).toBeLessThan(columns)
      }
      rmSync(join(folder, 'big.bin'))
      const cut = await runInTerminal(args, 100, { env, cwd: folder, interruptAt: '░' })
      expect(cut.exitCode).toBe(130)
      expect(existsSync(join(folder, 'big.bin'))).toBe(false)
    },
  )
})

describe('blocks drift and codegen', () => {
  it('compares a block with the schema of the server', async () => {
    const { stdout, exitCode } = await runCli(['blocks', 'drift', block], { env })
    expect(stdout).toContain('is as it should be')
    expect(exitCode).toBe(0)
  })

  it('writes the names of the workspace, and checks a file', async () => {
    const codegen = (...args: string[]): Promise<Finished> =>
      runCli(['codegen', 'workspace.ts', ...args], { env, cwd: folder })
    expect((await codegen()).exitCode).toBe(0)
    const file = join(folder, 'workspace.ts')
    expect(readFileSync(file, 'utf8')).toContain(`'${block.split('/')[1]}'`)
    writeFileSync(file, '// old\n')
    const old = await codegen('--check')
    expect(old.exitCode).toBe(3)
    expect(old.stderr).toContain('run codegen')
    expect(readFileSync(file, 'utf8')).toBe('// old\n')
  })
})
