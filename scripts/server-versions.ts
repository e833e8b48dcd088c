// just server-versions [version …]: runs the suites that talk to a Prefect server on servers of other versions,
// and writes their rows of the table "Server versions" of packages/api/README.md.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, venv } from './lib/prefect-server.ts'
import { runScript, spawnGroup } from './lib/script.ts'
import { withTemporaryServer } from './lib/temporary-server.ts'

/** Versions, the older ones with the packages of their own time: today's pydantic and fastapi break them. */
const versions: Readonly<Record<string, string | undefined>> = {
  '3.0.11': '2024-12-01',
  '3.1.15': '2025-02-20',
  '3.2.15': '2025-04-10',
  // The oldest whose leases on concurrency slots work.
  '3.4.10': '2025-08-02',
  // The oldest that keeps the task runs of a flow of Prefect 3.8.8: those before it don't know its greeting on /events/in.
  '3.6.14': '2026-02-10',
  '3.6.20': '2026-03-10',
  // The project's own, with the packages of its lock file.
  '3.8.8': undefined,
}

/** The tests that talk to the server; those of `deployments` also start flows of its version. */
const suites: Readonly<Record<string, readonly string[]>> = {
  api: ['packages/api/test/client.test.ts', 'packages/api/test/functions'],
  blocks: ['packages/blocks/test/load-block.test.ts'],
  'etl-job': ['apps/etl-job/test/flow.test.ts'],
}

interface Report {
  numPassedTests: number
  numTotalTests: number
  testResults: {
    assertionResults: { status: string; fullName: string }[]
  }[]
}

const readmeFile = join(root, 'packages/api/README.md')
const begin = '<!-- server-versions: written by scripts/server-versions.ts -->\n'
const end = '<!-- end of server-versions -->\n'

await runScript(async (signal) => {
  const chosen = process.argv.slice(2)
  for (const version of chosen.length > 0 ? chosen : Object.keys(versions)) {
    const environment = createEnvironment(version)
    const work = async (apiUrl: string): Promise<string[]> => {
      const cells: string[] = []
      for (const [project, files] of Object.entries(suites)) {
        cells.push(await runSuite(signal, project, files, { apiUrl, venv: environment }))
      }
      return cells
    }
    const cells = await withTemporaryServer(signal, work, { venv: environment })
    console.log(version, cells)
    writeRow(version, cells)
  }
  return 0
})

/** A Python environment with this version, made once. */
function createEnvironment(version: string): string {
  const day = versions[version]
  if (day === undefined && Object.hasOwn(versions, version)) return venv
  const directory = join(root, '.prefect/versions', version)
  if (existsSync(join(directory, 'bin/prefect'))) return directory
  const uv = join(venv, 'bin/uv')
  const python = join(venv, 'bin/python')
  execFileSync(uv, ['venv', '--quiet', '--clear', '--python', python, directory])
  // setuptools: the oldest use pkg_resources.
  const install = ['pip', 'install', '--quiet', '--python', join(directory, 'bin/python')]
  const packages = [`prefect==${version}`, 'prefect-shell', 'setuptools']
  const limit = day ? ['--exclude-newer', day] : []
  execFileSync(uv, [...install, ...packages, ...limit], { stdio: 'inherit' })
  return directory
}

/** "37 of 38" tests passed; names the others on stderr. */
async function runSuite(
  signal: AbortSignal,
  project: string,
  files: readonly string[],
  server: { apiUrl: string; venv: string },
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-versions-'))
  const reportFile = join(folder, 'report.json')
  try {
    const reporter = ['--reporter=json', `--outputFile=${reportFile}`]
    const command = ['vitest', 'run', '--project', project, ...reporter, ...files]
    const env = {
      ...process.env,
      PREFECT_TS_TEST_API_URL: server.apiUrl,
      PREFECT_TS_TEST_VENV: server.venv,
    }
    await once(spawnGroup(signal, command, { cwd: root, stdio: 'ignore', env }), 'exit')
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report
    for (const { assertionResults } of report.testResults) {
      for (const { status, fullName } of assertionResults) {
        if (status !== 'passed') console.error(`  ${project}: ${status}: ${fullName}`)
      }
    }
    const { numPassedTests: passed, numTotalTests: total } = report
    return passed === total ? `all ${total}` : `${passed} of ${total}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Rows of other versions stay. */
function writeRow(version: string, cells: string[]): void {
  const readme = readFileSync(readmeFile, 'utf8')
  const [before, rest] = readme.split(begin)
  const [table, after] = rest?.split(end) ?? []
  if (before === undefined || table === undefined || after === undefined)
    throw new Error(`${readmeFile} has no place for it`)
  const others = table
    .split('\n')
    .filter((row) => /^\| \d/.test(row) && !row.startsWith(`| ${version} |`))
  const rows = [...others, `| ${[version, ...cells].join(' | ')} |`]
  rows.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const names = Object.keys(suites)
  const head = [
    `| server | ${names.join(' | ')} |`,
    `| --- | ${names.map(() => '---').join(' | ')} |`,
  ]
  const text = [...head, ...rows].join('\n')
  writeFileSync(readmeFile, `${before}${begin}\n${text}\n\n${end}${after}`)
}
