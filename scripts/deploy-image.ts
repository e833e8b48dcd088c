// just deploy-image [--image etl-job:dev] [--pool docker] [--name docker] [--variables '{"env": {…}}']: a deployment whose flow run is the Node job itself, in a container.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createClient, isApiError, type Client } from '../packages/api/src/index.ts'
import { resolveEnvironment } from './lib/environment.ts'
import { cleanEnvironment, root, venv } from './lib/prefect-server.ts'
import { runScript } from './lib/script.ts'

await runScript(async () => {
  const { values } = parseArgs({
    options: {
      image: { type: 'string', default: 'etl-job:dev' },
      pool: { type: 'string', default: 'docker' },
      name: { type: 'string', default: 'docker' },
      variables: { type: 'string', default: '{}' },
    },
  })
  const apiUrl = process.env['PREFECT_API_URL'] ?? resolveEnvironment().apiUrl
  const client = createClient({ apiUrl })
  try {
    await ensurePool(client, values.pool)
    const flow = await client.post('/flows/', { body: { name: 'carrier-delays' } })
    const deployment = await client.post('/deployments/', {
      body: {
        name: values.name,
        flow_id: flow.id,
        description: 'The Node job of apps/etl-job as a flow run: no Python in the container.',
        work_pool_name: values.pool,
        // No disk is shared with a container.
        parameters: { datastore_type: 'remote' },
        parameter_openapi_schema: describeParams(),
        enforce_parameter_schema: true,
        job_variables: {
          image: values.image,
          command: 'node dist/main.js --flow-run',
          ...(JSON.parse(values.variables) as Record<string, unknown>),
        },
      },
    })
    console.log(`${flow.name}/${deployment.name}: ${values.image} on work pool ${values.pool}`)
    return 0
  } finally {
    await client.close()
  }
})

/** The form of the deployment: what the job says of its params. */
function describeParams(): Record<string, unknown> {
  const job = join(root, 'apps/etl-job/dist/main.js')
  const text = execFileSync(process.execPath, [job, '--describe'], { encoding: 'utf8' })
  return (JSON.parse(text) as { params: Record<string, unknown> }).params
}

/** Prefect's own command makes the pool, with the form that the installed prefect-docker has. */
async function ensurePool(client: Client, name: string): Promise<void> {
  try {
    const pool = await client.get('/work_pools/{name}', { path: { name } })
    if (pool.type === 'docker') return
  } catch (error) {
    if (!isApiError(error, 'NOT_FOUND')) throw error
    execFileSync(join(venv, 'bin/prefect'), ['work-pool', 'create', name, '--type', 'docker'], {
      env: cleanEnvironment({ PREFECT_API_URL: client.apiUrl }),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return
  }
  throw new Error(`Work pool ${name} is not of type docker: name another one with --pool.`)
}
