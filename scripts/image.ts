// just image [--base node:24-slim] [--tag etl-job:dev] [--engine docker|podman]: builds the container image of apps/etl-job.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildPackages } from './lib/build.ts'
import { findContainerEngine } from './lib/container-engine.ts'
import { root } from './lib/prefect-server.ts'
import { collectOutput, runScript } from './lib/script.ts'
import { step } from './lib/step.ts'
import manifest from '../package.json' with { type: 'json' }

/** What no job reads: types, source maps and text. Licences stay. */
const unread = /\.(map|[mc]?ts|md|markdown|flow|tsbuildinfo)$/i
/** What pnpm leaves for itself; the first names where this clone is. */
const leftByPnpm = [
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'node_modules/.bin',
  'node_modules/.pnpm',
  'node_modules/.modules.yaml',
  'node_modules/.pnpm-workspace-state-v1.json',
  'node_modules/@types',
]

await runScript(async (signal) => {
  const { values } = parseArgs({
    options: {
      base: { type: 'string', default: 'scratch' },
      tag: { type: 'string', default: 'etl-job:dev' },
      engine: { type: 'string' },
    },
  })
  const { base, tag } = values
  if (process.platform !== 'linux') {
    throw new Error(
      'The image is built on Linux only: DuckDB and Node come from this machine. In CI, or in a Linux VM.',
    )
  }
  const engine = values.engine ?? findContainerEngine()
  mkdirSync(join(root, '.data'), { recursive: true })
  const context = mkdtempSync(join(root, '.data/image-'))
  try {
    const app = join(context, 'app')
    const rootFolder = join(context, 'root')
    mkdirSync(rootFolder)
    await step('build', () => buildPackages(signal))
    await step('deploy', async () => {
      const pnpm = ['npx', '-y', manifest.packageManager, '--filter', 'etl-job', 'deploy', '--prod']
      // Hoisted: no symbolic links, and no folder named after where this clone is.
      await run(signal, [...pnpm, '--config.node-linker=hoisted', '--reporter=silent', app])
      prune(app)
      if (base === 'scratch') copyNode(app, rootFolder)
    })
    await step(`${engine} build`, () => {
      const file = join(root, 'apps/etl-job/Dockerfile')
      const options = ['--build-arg', `BASE=${base}`, '--tag', tag, '--file', file]
      // Podman's way to the same image from the same files, whenever it is built.
      const timestamp = engine === 'podman' ? ['--timestamp', '0'] : []
      return run(signal, [engine, 'build', '--quiet', ...timestamp, ...options, context])
    })
  } finally {
    rmSync(context, { recursive: true, force: true })
  }
  const format = '{{.Id}} {{.Size}}'
  const [id = '', size] = output(engine, 'image', 'inspect', '--format', format, tag).split(' ')
  const megabytes = (Number(size) / 1e6).toFixed(0)
  console.log(`${tag}: ${megabytes} MB, FROM ${base}, ${id.replace('sha256:', '').slice(0, 12)}`)
  return 0
})

/** Leaves what the job loads. */
function prune(app: string): void {
  for (const name of leftByPnpm) rmSync(join(app, name), { recursive: true, force: true })
  // pnpm's has the paths of this clone's packages in it.
  const entry = { name: 'etl-job', private: true, type: 'module' }
  writeFileSync(join(app, 'package.json'), `${JSON.stringify(entry)}\n`)
  for (const file of readdirSync(app, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name)
    if (file.isFile() && unread.test(file.name)) rmSync(path)
  }
  removeEmptyFolders(app)
}

function removeEmptyFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name))
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}

/** Node as it runs here, with the libraries that it and the job's native modules are linked to. */
function copyNode(app: string, target: string): void {
  const programs = readdirSync(app, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith('.node'))
    .map((file) => join(file.parentPath, file.name))
  copy(realpathSync(process.execPath), join(target, 'usr/local/bin/node'))
  const libraries = new Set<string>()
  for (const program of [process.execPath, ...programs]) {
    for (const [path] of output('ldd', program).matchAll(/(?<=\s)\/\S+/g)) {
      if (!path.startsWith(app)) libraries.add(path)
    }
  }
  // Under the path that the programs look them up by: the loader's own is fixed in them.
  for (const path of libraries) copy(realpathSync(path), join(target, path))
  mkdirSync(join(target, 'etc'))
  writeFileSync(join(target, 'etc/passwd'), 'root:x:0:0::/:/\njob:x:10001:10001::/tmp:/\n')
  writeFileSync(join(target, 'etc/group'), 'root:x:0:\njob:x:10001:\n')
  mkdirSync(join(target, 'tmp'))
  chmodSync(join(target, 'tmp'), 0o1777)
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
}

function output(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout.trim()
}

async function run(signal: AbortSignal, command: readonly string[]): Promise<void> {
  const { exitCode, output: text } = await collectOutput(signal, command, { cwd: root })
  if (exitCode !== 0) throw new Error(`${command.join(' ')} failed:\n${text}`)
}
