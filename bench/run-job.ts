import { randomUUID } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@prefect-ts/api'
import { cleanEnvironment, root, runPython } from '../scripts/lib/prefect-server.ts'

const contender = (file: string): string => join(root, 'bench/contenders', file)
const rounds = 21

/**
 * What a job costs beside its own work: process start to its first line, log lines, a whole `run_node` against
 * `ShellOperation` of a Python script.
 */
export async function runJobBench(apiUrl: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-bench-'))
  const client = createClient({ apiUrl })
  try {
    const flow = await client.post('/flows/', { body: { name: 'bench' } })
    const flowRun = await client.post('/flow_runs/', { body: { flow_id: flow.id } })
    const env = (): Record<string, string> =>
      cleanEnvironment({
        PREFECT_API_URL: apiUrl,
        PREFECT_TS_CONTEXT: JSON.stringify({
          protocol: 1,
          params: {},
          flowRun: { id: flowRun.id, name: flowRun.name, scheduledStart: null },
          taskRun: null,
          deployment: null,
          timeZone: 'UTC',
          datastores: {},
          resultFile: join(folder, `${randomUUID()}.json`),
          parentProcessId: process.pid,
        }),
      })
    firstLine(env)
    for (const count of [1_000, 100_000]) logLines(env, count)
  } finally {
    await client.close()
    rmSync(folder, { recursive: true, force: true })
  }
  wholeRun(apiUrl)
}

function run(
  file: string,
  args: string[],
  env: Record<string, string>,
): { start: number; text: string } {
  const start = performance.timeOrigin + performance.now()
  const { stdout, stderr, status } = spawnSync(process.execPath, [contender(file), ...args], {
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${file} ended with ${status}:\n${stderr}`)
  return { start, text: stdout }
}

/** In turn, so that what else the machine does falls on both. */
function firstLine(env: () => Record<string, string>): void {
  const times: Record<string, number[]> = { 'first-line-bare.ts': [], 'first-line.ts': [] }
  for (let round = -1; round < rounds; round += 1) {
    for (const [file, values] of Object.entries(times)) {
      const { start, text } = run(file, [], env())
      const at = Number(/first line ([\d.]+)/.exec(text)?.[1])
      if (round >= 0) values.push(at - start)
    }
  }
  const [bare = [], job = []] = Object.values(times)
  const ratio = median(job.map((value, index) => value / (bare[index] ?? Number.NaN)))
  console.log(
    `\nProcess start to first line, in a flow: ${median(job).toFixed(0)} ms; without @prefect-ts/run ` +
      `${median(bare).toFixed(0)} ms: ${ratio.toFixed(2)}x (median of ${rounds} pairs)`,
  )
}

function logLines(env: () => Record<string, string>, count: number): void {
  const { text } = run('log-lines.ts', [String(count)], env())
  console.log(`Log ${text.trim()}`)
}

function wholeRun(apiUrl: string): void {
  runPython([contender('save_block.py')], { PREFECT_API_URL: apiUrl })
  const node = process.execPath.slice(0, process.execPath.lastIndexOf('/'))
  const env = { PREFECT_API_URL: apiUrl, PATH: `${node}:${process.env['PATH']}` }
  const output = runPython([contender('run_node.py'), '7'], env)
  const times = JSON.parse(/^RESULT (.*)$/m.exec(output)?.[1] ?? '') as Record<string, number[]>
  const [job = [], shell = []] = Object.values(times)
  console.log(
    `Whole run_node of a job that loads a block: ${median(job).toFixed(0)} ms; ShellOperation of Python that ` +
      `loads it: ${median(shell).toFixed(0)} ms: ${(median(job) / median(shell)).toFixed(2)}x (medians of ${job.length})`,
  )
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
