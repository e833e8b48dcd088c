// Installs everything the project needs, from package registries only. Runs on any Node from 20 on, without dependencies.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const read = (path) => readFileSync(join(root, path), 'utf8')
const pnpmVersion = JSON.parse(read('package.json')).packageManager
const uvVersion = /^uv==(\S+)$/m.exec(read('python/requirements.in'))[1]
const python = join(root, '.venv/bin/python')
const uv = join(root, '.venv/bin/uv')

if (process.platform === 'win32')
  fail('Windows is not supported: Prefect runs the job through bash.')
if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(`Node ${process.versions.node} is too old: install Node 20 or later.`)
}

step(
  'Node packages',
  'node_modules/.setup',
  ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml'],
  () => {
    run('npx', ['-y', pnpmVersion, 'install', '--frozen-lockfile', '--reporter=append-only'])
  },
)
step(
  'Python packages',
  '.venv/.setup',
  ['python/requirements.lock', 'python/prefect-ts/pyproject.toml'],
  () => {
    if (!existsSync(python)) createVenv()
    if (!existsSync(uv)) run(python, ['-m', 'pip', 'install', '--quiet', `uv==${uvVersion}`])
    const target = ['--quiet', '--python', python]
    run(uv, ['pip', 'sync', ...target, '--require-hashes', 'python/requirements.lock'])
    run(uv, ['pip', 'install', ...target, '--no-deps', '--editable', 'python/prefect-ts'])
  },
)

/** Runs `work` unless the stamp file says that it was done for these very inputs. */
function step(title, stamp, inputs, work) {
  const hash = createHash('sha256')
  for (const input of inputs) hash.update(read(input))
  const digest = `${hash.digest('hex')} ${process.platform}-${process.arch}`
  if (existsSync(join(root, stamp)) && read(stamp) === digest) return
  rmSync(join(root, stamp), { force: true })
  if (process.stderr.isTTY) process.stderr.write(`• ${title} …`)
  const start = Date.now()
  work()
  writeFileSync(join(root, stamp), digest)
  const seconds = ((Date.now() - start) / 1000).toFixed(1)
  process.stderr.write(`${process.stderr.isTTY ? '\r' : ''}• ${title} (${seconds} s)\n`)
}

function createVenv() {
  const candidates = [process.env.PREFECT_TS_PYTHON, 'python3', 'python'].filter(Boolean)
  const check = 'import sys; sys.exit(sys.version_info < (3, 10))'
  const found = candidates.find((name) => spawnSync(name, ['-c', check]).status === 0)
  if (!found) {
    fail('Python 3.10 or later was not found. Install it, or name one in PREFECT_TS_PYTHON.')
  }
  if (spawnSync(found, ['-c', 'import ensurepip, venv']).status !== 0) {
    fail(`${found} has no ensurepip. On Debian and Ubuntu: apt-get install python3-venv`)
  }
  run(found, ['-m', 'venv', '--clear', '.venv'])
}

function run(command, args) {
  const env = { ...process.env }
  delete env.VIRTUAL_ENV
  const result = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (result.error) fail(`${command}: ${result.error.message}`)
  if (result.status !== 0) {
    fail(`${command} ${args.join(' ')} failed:\n${result.stdout}${result.stderr}`)
  }
}

function fail(message) {
  process.stderr.write(`\n${message}\n`)
  process.exit(1)
}
