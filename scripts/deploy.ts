// just deploy | worker: the deployments of the example on an environment's server, and a worker that runs them.
import { hostname } from 'node:os'
import { join } from 'node:path'
import defaultBlocks from '../apps/etl-job/flow/blocks.json' with { type: 'json' }
import {
  createClient,
  isApiError,
  setFlowRunState,
  type Client,
} from '../packages/api/src/index.ts'
import { buildPackages } from './lib/build.ts'
import { environmentVariables, type Environment } from './lib/environment.ts'
import { cleanEnvironment, root, venv } from './lib/prefect-server.ts'
import { runIn } from './lib/run-in.ts'
import { runningEnvironment } from './lib/running-environment.ts'
import { collectOutput, runScript } from './lib/script.ts'
import { step } from './lib/step.ts'

const project = join(root, 'apps/etl-job')
const python = join(venv, 'bin/python')
const prefect = join(venv, 'bin/prefect')
const poolName = 'etl'

/** `just deploy [environment]`: what is missing is created, the deployments are updated; nothing else changes. */
async function deploy(
  environment: Environment,
  client: Client,
  signal: AbortSignal,
): Promise<number> {
  await step('build', () => buildPackages(signal))
  await step(`work pool ${poolName}`, () => createPool(client))
  if (!(await haveBlocks(client, environmentVariables(environment)))) {
    const exitCode = await runIn(environment, signal, [python, 'apps/etl-job/flow/blocks.py'])
    if (exitCode !== 0) return exitCode
  }
  await step('deployments of apps/etl-job/prefect.yaml', () =>
    runPrefectDeploy(environment, signal),
  )
  await showDeployments(environment, client)
  return 0
}

/** `just worker [environment]`: a process worker until Ctrl-C. Node is on the PATH of its runs. */
async function work(
  environment: Environment,
  client: Client,
  signal: AbortSignal,
): Promise<number> {
  try {
    await client.get('/work_pools/{name}', { path: { name: poolName } })
  } catch (error) {
    if (!isApiError(error, 'NOT_FOUND')) throw error
    throw new Error(
      `${environment.name} has no work pool "${poolName}": \`just deploy ${environment.name}\` creates it.`,
      { cause: error },
    )
  }
  console.error(`Worker of ${environment.name} at ${pages(environment)}; Ctrl-C ends it.`)
  const name = `${hostname()}-${process.pid}`
  const options = ['--pool', poolName, '--type', 'process', '--name', name]
  const exitCode = await runIn(environment, signal, [prefect, 'worker', 'start', ...options])
  // A worker that was killed leaves its runs' processes at work.
  if (signal.aborted) await endRuns(client, name)
  return exitCode
}

/** A worker that is told to end kills the processes of its runs, and Prefect leaves these runs Running for ever. */
async function endRuns(client: Client, worker: string): Promise<void> {
  for await (const run of client.paginate('/flow_runs/filter', {
    body: {
      work_pools: { name: { any_: [poolName] } },
      flow_runs: { state: { type: { any_: ['PENDING', 'RUNNING', 'CANCELLING'] } } },
    },
  })) {
    if (run.labels?.['prefect.worker.name'] !== worker) continue
    const message = `Its worker ${worker} was stopped.`
    await setFlowRunState(client, run.id, { type: 'CRASHED', message })
    console.error(`Flow run ${run.name}: crashed. ${message}`)
  }
}

/** The work pool as `prefect work-pool create --type process` makes it, and the queue of the backfill, unless they are there. */
async function createPool(client: Client): Promise<void> {
  const known = (await client.get('/collections/views/{view}', {
    path: { view: 'aggregate-worker-metadata' },
  })) as Record<string, Record<string, { default_base_job_configuration: Record<string, unknown> }>>
  const template = known['prefect']?.['process']?.default_base_job_configuration
  const pool = { name: poolName, type: 'process', ...(template && { base_job_template: template }) }
  await unlessThere(client.post('/work_pools/', { body: pool }))
  // Other runs of the pool go first; how many days of a backfill run at once is set on Prefect's page of the queue.
  const queue = { name: 'backfill', priority: 2, concurrency_limit: 4 }
  await unlessThere(
    client.post('/work_pools/{work_pool_name}/queues', {
      path: { work_pool_name: poolName },
      body: queue,
    }),
  )
}

/** Waits for a creation; what is there already stays as it is. */
async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation
  } catch (error) {
    if (!isApiError(error, 'CONFLICT')) throw error
  }
}

/** Whether the server has the blocks that the runs load; what somebody has put there stays. */
async function haveBlocks(client: Client, variables: Record<string, string>): Promise<boolean> {
  const isRemote = variables['PREFECT_DATASTORE_DEFAULT_TYPE'] === 'remote'
  const dataBlock = isRemote
    ? variables['PREFECT_DATA_BLOCK_REMOTE'] || defaultBlocks.remote
    : variables['PREFECT_DATA_BLOCK_LOCAL'] || defaultBlocks.local
  for (const block of [dataBlock, defaultBlocks.signingKey]) {
    const [slug = '', name = ''] = block.split('/')
    try {
      await client.get('/block_types/slug/{slug}/block_documents/name/{block_document_name}', {
        path: { slug, block_document_name: name },
      })
    } catch (error) {
      if (isApiError(error, 'NOT_FOUND')) return false
      throw error
    }
  }
  return true
}

/** Runs `prefect deploy --all`; its output is shown only when it fails. */
async function runPrefectDeploy(environment: Environment, signal: AbortSignal): Promise<void> {
  const env = cleanEnvironment({
    ...environmentVariables(environment),
    ETL_SCHEDULE_ACTIVE: String(environment.name === 'main'),
  })
  const command = [prefect, '--no-prompt', 'deploy', '--all']
  const { exitCode, output } = await collectOutput(signal, command, { cwd: project, env })
  if (exitCode !== 0) throw new Error(`prefect deploy failed:\n${output}`)
}

async function showDeployments(environment: Environment, client: Client): Promise<void> {
  const lines: string[] = []
  for await (const deployment of client.paginate('/deployments/filter', {
    body: { work_pools: { name: { any_: [poolName] } }, sort: 'NAME_ASC' },
  })) {
    const flow = await client.get('/flows/{id}', { path: { id: deployment.flow_id } })
    const schedules = (deployment.schedules ?? []).map(({ schedule, active }) => {
      const when = 'cron' in schedule ? `${schedule.cron} ${schedule.timezone ?? ''}` : 'schedule'
      return `${when} (${active ? 'active' : 'paused'})`
    })
    const name = `${flow.name}/${deployment.name}`
    lines.push(`  ${name.padEnd(24)}${schedules.join(', ') || 'on demand'}`)
  }
  console.log(`${environment.name}, ${pages(environment)}/deployments`)
  console.log(lines.join('\n'))
  console.log(`What runs them:  just worker ${environment.name}`)
}

function pages({ apiUrl }: Environment): string {
  return `${apiUrl.slice(0, -'/api'.length)}/v2`
}

const tasks: Record<
  string,
  (environment: Environment, client: Client, signal: AbortSignal) => Promise<number>
> = { deploy, worker: work }

await runScript(async (signal) => {
  const [name = '', environmentName] = process.argv.slice(2)
  const task = tasks[name]
  if (task === undefined) {
    throw new Error(`Unknown task "${name}": ${Object.keys(tasks).join(', ')}.`)
  }
  const environment = await runningEnvironment(environmentName)
  const client = createClient({ apiUrl: environment.apiUrl })
  try {
    return await task(environment, client, signal)
  } finally {
    await client.close()
  }
})
