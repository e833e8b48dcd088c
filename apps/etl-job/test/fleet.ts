import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, openSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { venv } from '../../../scripts/lib/prefect-server.ts'

/** A worker of a process pool, and what it has started. */
export interface Worker {
  name: string
  child: ChildProcess
  /** Processes of its flow runs, by id; their Node jobs are not among them. */
  engines(): number[]
  /** SIGKILL of the worker alone: what it has started goes on. */
  kill(): void
  /** SIGKILL of the worker and its flow runs; a Node job has to see for itself that they are gone. */
  killTree(): void
}

/** Starts `prefect worker start`; its output goes to a file in `folder`. */
export function startWorker(
  name: string,
  pool: string,
  folder: string,
  env: Record<string, string>,
): Worker {
  mkdirSync(folder, { recursive: true })
  const log = openSync(join(folder, `${name}.log`), 'a')
  const child = spawn(
    join(venv, 'bin/prefect'),
    ['worker', 'start', '--pool', pool, '--type', 'process', '--name', name],
    { cwd: folder, env, stdio: ['ignore', log, log], detached: true },
  )
  const pid = child.pid ?? 0
  const engines = (): number[] =>
    descendants(pid).filter((each) => commandOf(each).includes('prefect.engine'))
  return {
    name,
    child,
    engines,
    kill: () => kill(pid),
    killTree() {
      const started = engines()
      for (const each of [pid, ...started]) kill(each)
    },
  }
}

/** Processes with this variable in their environment. */
export function processesWith(variable: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(variable))
}

/** SIGKILL, unless it is gone. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...descendants(child)])
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** A reader that looks at all reports all the time, and keeps the digest of each version that it saw. */
export interface Watcher {
  /** Digests by day, in the order seen. */
  versions: Map<string, string[]>
  /** Digests of `latest`, in the order seen. */
  latest: string[]
  /** What a reader must never see. */
  problems: string[]
  stop(): void
}

export function watchReports(folder: string): Watcher {
  const watcher: Watcher = { versions: new Map(), latest: [], problems: [], stop: () => {} }
  const seen = new Map<string, string>()
  /** The digest of a version that was not seen yet. */
  const look = (path: string): string | undefined => {
    try {
      const { ino, mtimeMs } = statSync(path)
      if (seen.get(path) === `${ino} ${mtimeMs}`) return undefined
      seen.set(path, `${ino} ${mtimeMs}`)
      const bytes = readFileSync(path)
      const marks = [bytes.subarray(0, 4), bytes.subarray(-4)].map(String)
      if (bytes.length < 12 || marks.some((mark) => mark !== 'PAR1')) {
        watcher.problems.push(
          `${path} was seen with ${bytes.length} bytes that are no parquet file`,
        )
      }
      return createHash('sha256').update(bytes).digest('hex')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return undefined
    }
  }
  const dated = join(folder, 'reports/parquet/dataset=carrier_delays')
  const timer = setInterval(() => {
    let days: string[] = []
    try {
      days = readdirSync(dated)
    } catch {
      // Nothing was written yet.
    }
    for (const day of days) {
      const digest = look(join(dated, day, 'data.parquet'))
      const key = day.slice('rundate='.length)
      if (digest) watcher.versions.set(key, [...(watcher.versions.get(key) ?? []), digest])
    }
    const digest = look(join(folder, 'reports/parquet/latest/dataset=carrier_delays/data.parquet'))
    if (digest) watcher.latest.push(digest)
  }, 25)
  watcher.stop = () => clearInterval(timer)
  return watcher
}
