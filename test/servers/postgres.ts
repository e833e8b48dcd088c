import { spawn, spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, runPython } from '../../scripts/lib/prefect-server.ts'

export interface Postgres {
  port: number
  user: string
  password: string
  createDatabase(name: string): void
  stop(): Promise<void>
}

/** Starts a PostgreSQL server of its own on a free port, in a folder of its own, not as root. */
export async function startPostgres(password: string): Promise<Postgres> {
  const programs = findPrograms() ?? install()
  const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-postgres-'))
  const account = process.getuid?.() === 0 ? postgresAccount() : undefined
  const options = { cwd: folder, ...account }
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password)
  mkdirSync(data, { mode: 0o700 })
  if (account !== undefined) {
    for (const path of [folder, data, passwordFile]) chownSync(path, account.uid, account.gid)
  }
  const user = 'etl user'
  const login = [`--username=${user}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  const made = spawnSync(join(programs, 'initdb'), ['--pgdata', data, '--no-sync', ...login], {
    ...options,
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`)
  const port = await freePort()
  const place = [`--port=${port}`, `--unix_socket_directories=${folder}`]
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-F', '--listen_addresses=127.0.0.1', ...place],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let log = ''
  server.stderr.on('data', (text) => (log += String(text)))
  const exit = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  for (let waited = 0; !log.includes('ready to accept connections'); waited += 100) {
    if (server.exitCode !== null || waited > 60_000) {
      throw new Error(`PostgreSQL did not start:\n${log}`)
    }
    // oxlint-disable-next-line no-await-in-loop -- until it is there
    await sleep(100)
  }
  return {
    port,
    user,
    password,
    createDatabase(name) {
      const program = [
        'import psycopg2, sys',
        'connection = psycopg2.connect("")',
        'connection.autocommit = True',
        `connection.cursor().execute('CREATE DATABASE "%s"' % sys.argv[1])`,
      ]
      runPython(['-c', program.join('\n'), name], {
        PGHOST: '127.0.0.1',
        PGPORT: String(port),
        PGUSER: user,
        PGPASSWORD: password,
        PGDATABASE: 'postgres',
      })
    },
    async stop() {
      // The fast shutdown: it does not wait for connections.
      server.kill('SIGINT')
      await exit
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root: the account that Debian's package makes. */
function postgresAccount(): { uid: number; gid: number } {
  const [uid = NaN, gid = NaN] = ['-u', '-g'].map((flag) =>
    Number(spawnSync('id', [flag, 'postgres']).stdout),
  )
  return { uid, gid }
}

/** The folder of `initdb` and `postgres`: on PATH, else Debian's, the newest version of several. */
function findPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian)
    ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a))
    : []
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]
  return folders.find(
    (path) => existsSync(join(path, 'initdb')) && existsSync(join(path, 'postgres')),
  )
}

function install(): string {
  const options = {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const
  const script = 'apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql'
  const canInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
  const { status, stderr } = canInstall
    ? // One at a time: apt-get refuses to run beside itself.
      spawnSync('flock', ['/run/lock/prefect-ts-apt', 'sh', '-c', script], options)
    : { status: 1, stderr: 'this is no Debian, or you are not root' }
  const found = status === 0 ? findPrograms() : undefined
  if (found !== undefined) return found
  throw new Error(
    'This test needs PostgreSQL (initdb and postgres): on macOS "brew install postgresql@17" and put its bin ' +
      `folder on PATH, on Debian "apt-get install postgresql". ${stderr}`,
  )
}
