// just test: lint, types, build, then all tests against real Prefect servers. Ends with `N passed, N failed`.
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { buildPackages } from './lib/build.ts'
import {
  cleanEnvironment,
  freePort,
  root,
  startServer,
  venv,
  type RunningServer,
} from './lib/prefect-server.ts'
import { runScript, spawnGroup } from './lib/script.ts'

interface Counts {
  passed: number
  failed: number
  skipped: number
  /** The failed tests, each with its first lines of what went wrong. */
  failures: string[]
}

const temporary = mkdtempSync(join(tmpdir(), 'prefect-ts-test-'))
let failedChecks = 0

await runScript(async (signal) => {
  const startOfServer = startServer({
    home: join(temporary, 'home'),
    port: await freePort(),
    detached: true,
    signal,
  })
  startOfServer.catch(() => {})
  try {
    return await checkAll(signal, startOfServer)
  } finally {
    const server = await startOfServer.catch(() => undefined)
    await server?.stop()
    rmSync(temporary, { recursive: true, force: true })
  }
})

/** Runs everything and returns the exit code. */
async function checkAll(
  signal: AbortSignal,
  startOfServer: Promise<RunningServer>,
): Promise<number> {
  await check(signal, 'oxlint', ['oxlint', '--deny-warnings'])
  await check(signal, 'oxfmt', ['oxfmt', '--check', '.'])
  await check(signal, 'ruff', [join(venv, 'bin/ruff'), 'check', '--quiet', '.'])
  await check(signal, 'ruff format', [join(venv, 'bin/ruff'), 'format', '--quiet', '--check', '.'])
  await check(signal, 'types', ['tsc', '-p', 'tsconfig.json'])
  title('build')
  await buildPackages(signal)

  const server = await startOfServer
  const database = join(temporary, 'prefect.db')
  // Closed at once: a reader left open would stand in the server's way.
  const live = new DatabaseSync(join(temporary, 'home/prefect.db'))
  live.exec(`VACUUM INTO '${database}'`)
  live.close()
  const env = cleanEnvironment({
    // One core has work for more than one: much of each test is waiting.
    VITEST_MAX_WORKERS: String(Math.max(3, availableParallelism() - 1)),
    PREFECT_TS_TEST_DATABASE: database,
    // The tests start Node hundreds of times; compiling was a good part of each.
    NODE_COMPILE_CACHE: join(temporary, 'compiled'),
    ...Object.fromEntries(
      ['PREFECT_TS_TRIALS', 'PREFECT_TS_MINIO'].flatMap((name) => {
        const value = process.env[name]
        return value === undefined ? [] : [[name, value]]
      }),
    ),
  })
  title('vitest, and pytest beside it')
  // Side by side, for each alone leaves a good part of two cores idle. What pytest prints comes after vitest.
  const vitestReport = join(temporary, 'vitest.json')
  const pytestReport = join(temporary, 'pytest.xml')
  const pytestOutput = join(temporary, 'pytest.txt')
  const [vitestStatus, pytestStatus] = await Promise.all([
    run(
      signal,
      [
        'vitest',
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${vitestReport}`,
      ],
      { ...env, PREFECT_TS_TEST_API_URL: server.apiUrl },
    ),
    // On a server of its own: one Prefect server is one process, which two runners would wait for.
    run(
      signal,
      [
        join(venv, 'bin/python'),
        '-m',
        'pytest',
        `--junit-xml=${pytestReport}`,
        'python/prefect-ts',
      ],
      env,
      openSync(pytestOutput, 'w'),
    ),
  ])
  title('pytest')
  console.log(readFileSync(pytestOutput, 'utf8'))
  const counts = [
    vitestCounts(vitestReport, vitestStatus),
    pytestCounts(pytestReport, pytestStatus),
  ]
  // Once more at the end: the runners' own reports stand thousands of lines apart.
  for (const name of counts.flatMap((each) => each.failures)) console.error(`FAILED ${name}`)

  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    counts.reduce((total, each) => total + each[key], 0)
  const failed = sum('failed') + failedChecks
  const idle = counts.some((each) => each.passed === 0)
  if (idle) console.error('A test runner ran no test.')
  const suffix = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : ''
  console.log(`${sum('passed')} passed, ${failed} failed${suffix}`)
  return failed > 0 || idle ? 1 : 0
}

function vitestCounts(file: string, status: number): Counts {
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
    numFailedTestSuites: number
    testResults: {
      name: string
      status: string
      assertionResults: { status: string; fullName: string; failureMessages: string[] }[]
    }[]
  }
  const empty = report.testResults.filter((each) => each.assertionResults.length === 0)
  for (const each of empty) console.error(`No test ran in ${each.name}`)
  // A hook that fails leaves its tests skipped, which is not the word for it.
  const broken = report.testResults.filter(
    ({ status: word, assertionResults: tests }) =>
      word === 'failed' && tests.length > 0 && tests.every((test) => test.status !== 'failed'),
  )
  for (const each of broken) console.error(`A hook failed in ${each.name}`)
  let failures = report.numFailedTests + empty.length + broken.length
  // A failure outside any test (a hook, an unhandled rejection) counts too.
  if (status !== 0 && failures === 0) failures = 1
  return {
    passed: report.numPassedTests,
    failed: failures,
    skipped: report.numPendingTests,
    failures: report.testResults.flatMap(({ name, assertionResults: tests }) =>
      tests
        .filter((test) => test.status === 'failed')
        .map((test) => `${name} > ${test.fullName}\n${firstLines(test.failureMessages)}`),
    ),
  }
}

function pytestCounts(file: string, status: number): Counts {
  const report = readFileSync(file, 'utf8')
  const count = (name: string): number =>
    Number(new RegExp(` ${name}="(\\d+)"`).exec(report)?.[1] ?? 0)
  let failures = count('failures') + count('errors')
  if (status !== 0 && failures === 0) failures = 1
  const skipped = count('skipped')
  return {
    passed: count('tests') - count('failures') - count('errors') - skipped,
    failed: failures,
    skipped,
    // pytest itself ends with its list.
    failures: [],
  }
}

function firstLines(messages: string[]): string {
  return messages.join('\n').split('\n').slice(0, 12).join('\n')
}

async function check(signal: AbortSignal, name: string, command: string[]): Promise<void> {
  title(name)
  if ((await run(signal, command, process.env)) !== 0) failedChecks += 1
}

function title(name: string): void {
  console.log(`\n── ${name}`)
}

/** Runs a command and returns its exit code. Rejects when it was interrupted. */
async function run(
  signal: AbortSignal,
  command: string[],
  env: NodeJS.ProcessEnv,
  output: 'inherit' | number = 'inherit',
): Promise<number> {
  const child = spawnGroup(signal, command, {
    cwd: root,
    env,
    stdio: ['ignore', output, output],
  })
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.once('exit', (code) => resolve(code ?? 1))
  })
  signal.throwIfAborted()
  return exitCode
}
