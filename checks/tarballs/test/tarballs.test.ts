import { execFileSync, spawnSync } from 'node:child_process'
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

interface Manifest {
  name: string
  version: string
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  exports: Record<string, unknown>
  bin?: Record<string, string>
  scripts?: Record<string, string>
}

const root = join(import.meta.dirname, '../../..')
const bin = join(import.meta.dirname, '../node_modules/.bin')
const work = mkdtempSync(join(tmpdir(), 'prefect-ts-tarballs-'))
const folders = globSync('packages/*/package.json', { cwd: root }).map((path) =>
  join(root, path, '..'),
)
const manifests = folders.map((folder) => readManifest(join(folder, 'package.json')))
const tarballs = new Map<string, string>()

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest
}

function run(
  command: string,
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): { status: number | null; output: string } {
  const result = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  return { status: result.status, output: result.stdout + result.stderr }
}

// The tarballs hold what `pnpm -r build` made: `just test` builds first.
beforeAll(() => {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  for (const [index, folder] of folders.entries()) {
    const args = ['-y', packageManager, 'pack', '--json', '--pack-destination', work]
    const answer = JSON.parse(execFileSync('npx', args, { cwd: folder, encoding: 'utf8' })) as {
      filename: string
    }
    tarballs.set(manifests[index]?.name ?? '', join(work, basename(answer.filename)))
  }
}, 300_000)
afterAll(() => rmSync(work, { recursive: true, force: true }), 60_000)

describe.each(manifests.map((manifest) => [manifest.name, manifest] as const))(
  '%s',
  (name, manifest) => {
    it('passes publint and attw', () => {
      const tarball = tarballs.get(name) ?? ''
      expect(run(join(bin, 'publint'), [tarball, '--strict'], work)).toMatchObject({ status: 0 })
      if (manifest.bin !== undefined) return
      const attw = run(join(bin, 'attw'), [tarball, '--profile', 'esm-only', '--no-emoji'], work)
      expect(attw).toMatchObject({ status: 0 })
    })

    it('has few dependencies and no install script', () => {
      const outside = Object.keys(manifest.dependencies ?? {}).filter(
        (each) => !each.startsWith('@prefect-ts/'),
      )
      expect(outside.length).toBeLessThanOrEqual(name === '@prefect-ts/store' ? 0 : 3)
      const scripts = Object.keys(manifest.scripts ?? {})
      expect(
        scripts.filter((script) => script.includes('install') || script === 'prepare'),
      ).toEqual([])
    })

    it('ships its sources, licence and nothing of the workspace', () => {
      const tarball = tarballs.get(name) ?? ''
      const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n')
      // The command line has a program, and nothing to import.
      const entry = manifest.bin === undefined ? 'index' : 'bin'
      for (const file of [
        'package/LICENSE',
        'package/README.md',
        `package/dist/${entry}.js`,
        `package/src/${entry}.ts`,
      ]) {
        expect(files).toContain(file)
      }
      const packed = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], {
        encoding: 'utf8',
      })
      expect(packed).not.toContain('workspace:')
      expect(
        files.filter(
          (file) =>
            /\/(tests?|fixtures)\/|\.test(-d)?\.|\.tsbuildinfo|node_modules/.test(file) &&
            !file.startsWith('package/templates/'),
        ),
      ).toEqual([])
    })
  },
)

/** The packed packages as dependencies and overrides. */
const packed = (): Record<string, string> =>
  Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`]))

function install(project: string): void {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  const { status, output } = run('npm', ['install', ...flags], project)
  if (status !== 0) throw new Error(output)
}

it('works from an empty project: installs, imports every entry, type checks a consumer', () => {
  const project = join(work, 'project')
  mkdirSync(project)
  const dependencies = packed()
  const manifest = {
    name: 'consumer',
    private: true,
    type: 'module',
    // What only some entries need: optional peers, such as zod.
    dependencies: {
      ...Object.assign({}, ...manifests.map((each) => each.peerDependencies)),
      ...dependencies,
    },
    overrides: dependencies,
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  install(project)

  const entries = manifests.flatMap(({ name, exports }) =>
    Object.keys(exports)
      .filter((entry) => entry !== './package.json' && !entry.includes('*'))
      .map((entry) => name + entry.slice(1)),
  )
  const imports = entries.map(
    (entry, index) => `import * as m${index} from '${entry}'\nvoid m${index}\n`,
  )
  writeFileSync(join(project, 'all.ts'), imports.join(''))
  expect(run(process.execPath, ['all.ts'], project)).toEqual({ status: 0, output: '' })

  const cli = run('npx', ['--no-install', 'prefect-ts', '--help'], project)
  expect(cli.output).toContain('Usage: prefect-ts <command>')

  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  }
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['all.ts'] }),
  )
  const tsc = join(root, 'node_modules/.bin/tsc')
  expect(run(tsc, ['-p', 'tsconfig.json'], project)).toEqual({ status: 0, output: '' })
})

it('makes a job that passes its own tests and runs in a flow, from `prefect-ts init`', async () => {
  const cli = join(work, 'project/node_modules/.bin/prefect-ts')
  // The server is shared: a flow and a block of our own.
  const name = `add-up-${crypto.randomUUID().slice(0, 8)}`
  const made = run(cli, ['init', name], work)
  expect(made).toMatchObject({ status: 0 })
  const job = join(work, name)

  // Until they are published: the packed ones, by the names and in the ranges that the job asks for.
  const file = join(job, 'package.json')
  const manifest = readManifest(file)
  const asked = Object.keys(manifest.dependencies ?? {}).filter((each) => tarballs.has(each))
  for (const each of asked) {
    const { version } = readManifest(join(work, 'project/node_modules', each, 'package.json'))
    expect(manifest.dependencies?.[each]).toBe(`^${version}`)
  }
  const dependencies = {
    ...manifest.dependencies,
    ...Object.fromEntries(asked.map((each) => [each, packed()[each]])),
  }
  writeFileSync(file, JSON.stringify({ ...manifest, dependencies, overrides: packed() }))
  install(job)

  const node = `${dirname(process.execPath)}:${process.env['PATH']}`
  const tests = run('npm', ['test'], job, { PATH: node, FORCE_COLOR: '0' })
  expect(tests.output).toMatch(/pass 3\n[^]*fail 0\n/)
  expect(tests.status).toBe(0)

  // Its own `.venv` would install the Python package, which is not published either.
  symlinkSync(join(root, '.venv'), join(job, '.venv'))
  const apiUrl = inject('prefectApiUrl')
  writeFileSync(join(job, '.env'), `PREFECT_API_URL=${apiUrl}\n`)
  const just = ['-y', 'rust-just@1.57.0', 'flow', '2026-01-31']
  const path = 'reports/csv/dataset=totals/rundate=2026-01-31/data.csv'
  const flow = run('npx', just, job, { PATH: node, PREFECT_HOME: join(work, 'home') })
  expect(flow.output).toContain(`Totals(customers=2, amount=50.0, path='${path}')`)
  expect(flow.status).toBe(0)
  expect(readFileSync(join(job, '.data', path), 'utf8')).toContain('Ada,2,20')
  const response = await fetch(`${apiUrl}/flow_runs/filter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ flows: { name: { any_: [name] } }, sort: 'START_TIME_DESC' }),
  })
  expect(((await response.json()) as unknown[])[0]).toMatchObject({ state_type: 'COMPLETED' })

  const blocks = JSON.stringify({ [`local-file-system/${name}`]: { basepath: '.data' } })
  const byHand = ['src/main.ts', '--params', '{"rundate": "2026-01-31"}', '--blocks', blocks]
  expect(run(process.execPath, byHand, job).output).toContain('"amount": 50')
})

it("runs the root README's flow and job as they stand there", () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const data = join(work, 'data')
  for (const [file, language] of [
    ['flow.py', 'python'],
    ['main.ts', 'ts'],
  ] as const) {
    const fence = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(readme)?.[1] ?? ''
    writeFileSync(join(work, 'project', file), fence.replaceAll('/tmp/flights', data))
  }
  const result = run(join(root, '.venv/bin/python'), ['flow.py'], join(work, 'project'), {
    PREFECT_API_URL: inject('prefectApiUrl'),
    PREFECT_HOME: join(work, 'home'),
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
  })
  const path = 'reports/csv/dataset=delays/rundate=2013-01-01/data.csv'
  expect(result.output).toContain(`{'carriers': 2, 'path': '${path}'}`)
  expect(readFileSync(join(data, path), 'utf8')).toBe('carrier,delay\nUA,44\nAA,-4\n')
})
