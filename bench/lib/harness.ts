import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { cleanEnvironment, root, venv } from '../../scripts/lib/prefect-server.ts'

/** One of the programs that a bench compares. */
export interface Contender {
  name: string
  command: string[]
  env?: Record<string, string>
  /** What its output must contain, or the measurement counts for nothing. */
  expect: string
}

interface Sample {
  exitCode: number
  output: string
  wallMs: number
  cpuMs: number
  peakMiB: number
}

export interface Row {
  name: string
  wallMs: Spread
  cpuMs: Spread
  peakMiB: Spread
  /** Median over the rounds of: this contender's wall time / the first contender's. */
  ratio: Spread
}

/** A median with its quartiles. */
export interface Spread {
  median: number
  low: number
  high: number
}

/**
 * Measures whole processes: one warm-up round, then `rounds`, contenders interleaved, each round starting with
 * another one. A round that began while the machine was busy is repeated, at most `rounds` times over. BENCH_ROUNDS in
 * the environment sets how many there are.
 */
export async function measure(
  contenders: readonly Contender[],
  usualRounds = 11,
  { warmUp = true }: { warmUp?: boolean } = {},
): Promise<Row[]> {
  const rounds = Number(process.env['BENCH_ROUNDS'] ?? usualRounds)
  const runner = spawn(join(venv, 'bin/python'), ['-S', join(root, 'bench/measure.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const answers = createInterface(runner.stdout)[Symbol.asyncIterator]()
  async function sample(contender: Contender): Promise<Sample> {
    const env = cleanEnvironment(contender.env ?? {})
    runner.stdin.write(`${JSON.stringify({ command: contender.command, env })}\n`)
    const answer = await answers.next()
    const result = JSON.parse(String(answer.value)) as Sample
    if (result.exitCode !== 0 || !result.output.includes(contender.expect)) {
      throw new Error(`${contender.name} failed (exit ${result.exitCode}):\n${result.output}`)
    }
    return result
  }

  const samples: Sample[][] = contenders.map(() => [])
  let repeats = 0
  for (let round = warmUp ? -1 : 0; round < rounds; round += 1) {
    const busy = (loadavg()[0] ?? 0) > cpus().length
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const index = (turn + Math.max(round, 0)) % contenders.length
      const contender = contenders[index]
      if (contender === undefined) throw new Error('no contender')
      const result = await sample(contender)
      if (round >= 0 && !(busy && repeats < rounds)) samples[index]?.push(result)
    }
    if (round >= 0 && busy && repeats < rounds) {
      repeats += 1
      round -= 1
    }
    process.stderr.write(`\rround ${round + 1} of ${rounds}`)
  }
  process.stderr.write('\r\u001b[K')
  runner.stdin.end()
  await once(runner, 'exit')

  const base = samples[0] ?? []
  return contenders.map((contender, index) => {
    const own = samples[index] ?? []
    return {
      name: contender.name,
      wallMs: spread(own.map((each) => each.wallMs)),
      cpuMs: spread(own.map((each) => each.cpuMs)),
      peakMiB: spread(own.map((each) => each.peakMiB)),
      ratio: spread(own.map((each, round) => each.wallMs / (base[round]?.wallMs ?? Number.NaN))),
    }
  })
}

/** Prints a bench as a table and keeps it, with the versions, in `bench/results/`. */
export function report(
  name: string,
  title: string,
  rows: readonly Row[],
  versions: Record<string, string>,
): void {
  const table = rows.map((row) => [
    row.name,
    number(row.wallMs, 0),
    number(row.cpuMs, 0),
    number(row.peakMiB, 0),
    number(row.ratio, 2),
  ])
  table.unshift(['', 'wall ms', 'CPU ms', 'peak MiB', 'x the first'])
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...table.map((cells) => cells[column]?.length ?? 0)),
  )
  console.log(`\n${title}`)
  for (const cells of table) {
    const padded = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    console.log(padded.join('  '))
  }
  console.log(
    `median (quartiles); ${Object.entries(versions)
      .map((entry) => entry.join(' '))
      .join(', ')}`,
  )
  const folder = join(root, 'bench/results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({ name, title, versions, rows }, null, 2),
  )
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (fraction: number): number => {
    const position = (sorted.length - 1) * fraction
    const below = sorted[Math.floor(position)] ?? Number.NaN
    const above = sorted[Math.ceil(position)] ?? Number.NaN
    return below + (above - below) * (position - Math.floor(position))
  }
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

function number(value: Spread, digits: number): string {
  return `${value.median.toFixed(digits)} (${value.low.toFixed(digits)}-${value.high.toFixed(digits)})`
}
