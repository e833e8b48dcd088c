import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, createSecret } from '@prefect-ts/api'
import { saveBlock } from '@prefect-ts/blocks'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { s3Keys } from '../../../test/servers/moto.ts'
import { startRclone } from '../../../test/servers/rclone.ts'
import { json, startFaultServer } from '../../api/test/fault-server.ts'
import { runCli, runInTerminal, type Finished } from './run-cli.ts'

const apiUrl = inject('prefectApiUrl')
const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-doctor-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** `doctor` against a server that answers each path as told, without waits. */
async function diagnose(
  answers: Record<string, Parameters<typeof json>>,
  env: Record<string, string> = {},
): Promise<Finished> {
  await using server = await startFaultServer((response, seen) => {
    const path = seen.at(-1)?.url.replace('/api', '').split('?')[0] ?? ''
    json(...(answers[path] ?? [404, { detail: 'Not Found' }]))(response, seen)
  })
  const settings = { PREFECT_API_URL: server.apiUrl, PREFECT_CLIENT_MAX_RETRIES: '0' }
  return await runCli(['doctor'], { env: { ...settings, ...env }, cwd: folder })
}

const healthy = {
  '/health': [200, true],
  '/admin/version': [200, '3.8.8'],
  '/csrf-token': [422, { detail: 'CSRF protection is disabled.' }],
} as const satisfies Record<string, Parameters<typeof json>>

describe('doctor', () => {
  it('is content with a real server, and tells each setting with its place', async () => {
    writeFileSync(join(folder, '.env'), 'PREFECT_CLIENT_MAX_RETRIES=2\n')
    const env = { PREFECT_API_URL: apiUrl }
    const { stdout, exitCode } = await runCli(['doctor'], { env, cwd: folder })
    rmSync(join(folder, '.env'))
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`${apiUrl} (environment variable PREFECT_API_URL)`)
    expect(stdout).toMatch(/maxRetries +2 \(PREFECT_CLIENT_MAX_RETRIES in \.env/)
    expect(stdout).toContain('✓ version            Prefect 3.8.8')
    expect(stdout).toContain('✓ CSRF               the server asks for no token')
    expect(stdout).toContain('✓ clock              within 5 s of the server')
  })

  it('says of a store that can do less than latest needs what it is good for', async () => {
    const server = await startRclone()
    const client = createClient({ apiUrl })
    try {
      mkdirSync(join(server.folder, 'doctor'))
      const name = `doctor-${crypto.randomUUID().slice(0, 8)}`
      const credentials = {
        type: 'minio-credentials' as const,
        data: {
          minio_root_user: s3Keys.accessKeyId,
          minio_root_password: createSecret(s3Keys.secretAccessKey),
          aws_client_parameters: { endpoint_url: server.url },
        },
      }
      const data = { bucket_name: 'doctor', credentials }
      await saveBlock({ type: 's3-bucket', name, data }, { client })
      const { stdout, exitCode } = await runCli(['doctor', '--block', `s3-bucket/${name}`], {
        env: { PREFECT_API_URL: apiUrl },
        cwd: folder,
      })
      expect(exitCode).toBe(3)
      expect(stdout).toContain('the server ignores If-None-Match')
      expect(stdout).toContain('→ datasets of single days can be written')
      expect(stdout).not.toContain('permissions')
    } finally {
      await client.close()
      await server.stop()
    }
  })

  it('stays within a terminal, broken between words', async () => {
    const env = { PREFECT_API_URL: apiUrl }
    const { stdout } = await runInTerminal(['doctor', '--no-color'], 60, { env, cwd: folder })
    const lines = stdout.trimEnd().split('\n')
    expect(lines[1]).toMatch(/^ {21}\S/)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
    expect(lines.join('\n').replaceAll(/\n {21}/g, ' ')).toContain(
      `${apiUrl} (environment variable PREFECT_API_URL)`,
    )
  })

  it('says that no server is configured', async () => {
    const { stdout, exitCode } = await runCli(['doctor'], { env: { PREFECT_HOME: folder } })
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/✗ settings +No Prefect API URL/)
  })

  it('says that nothing listens', async () => {
    const env = { PREFECT_API_URL: 'http://127.0.0.1:9/api', PREFECT_CLIENT_MAX_RETRIES: '0' }
    const { stdout, exitCode } = await runCli(['doctor'], { env })
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/✗ server .*127\.0\.0\.1:9/)
    expect(stdout).toContain('→ start the server, or correct PREFECT_API_URL')
  })

  it('finds refused credentials, and never shows them', async () => {
    const refused = { ...healthy, '/admin/version': [401, { exception_message: 'Unauthorized' }] }
    const without = await diagnose(refused as typeof healthy)
    expect(without.exitCode).toBe(3)
    expect(without.stdout).toContain('→ set PREFECT_API_AUTH_STRING')
    const env = { PREFECT_API_AUTH_STRING: 'admin:hunter2secret' }
    const wrong = await diagnose(refused as typeof healthy, env)
    expect(wrong.stdout).toContain('→ the server refused these: Basic, PREFECT_API_AUTH_STRING')
    expect(wrong.stdout + wrong.stderr).not.toContain('hunter2secret')
  })

  it('finds CSRF protection that the settings switch off', async () => {
    const guarded = {
      ...healthy,
      '/csrf-token': [200, { token: 't', client: 'c', expiration: '2040-01-01T00:00:00Z' }],
    }
    expect((await diagnose(guarded as never)).stdout).toContain(
      '✓ CSRF               the server asks for tokens',
    )
    const env = { PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: 'false' }
    const { stdout, exitCode } = await diagnose(guarded as never, env)
    expect(exitCode).toBe(3)
    expect(stdout).toContain('✗ CSRF')
  })

  it('finds a server of another major version and a clock that is off', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    const { stdout, exitCode } = await diagnose({
      ...healthy,
      '/health': [200, true, { date }],
      '/admin/version': [200, '2.20.0'],
    })
    expect(exitCode).toBe(3)
    expect(stdout).toContain('✗ version            Prefect 2.20.0, made for 3.8.8')
    expect(stdout).toMatch(/✗ clock +this machine is 3(59\d|600) s behind the server/)
  })

  it('asks a busy server again, whose Date is an old one', async () => {
    let asked = 0
    const { stdout } = await diagnose({
      ...healthy,
      get '/health'(): Parameters<typeof json> {
        const date = new Date(Date.now() - (asked++ < 2 ? 10_000 : 0)).toUTCString()
        return [200, true, { date }]
      },
    })
    expect(asked).toBe(3)
    expect(stdout).toContain('✓ clock              within 5 s of the server')
  })

  it('warns when certificates are not checked', async () => {
    const { stdout, exitCode } = await diagnose(healthy, {
      PREFECT_API_TLS_INSECURE_SKIP_VERIFY: 'true',
    })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('! TLS                any certificate is accepted')
  })
})

/** `doctor --job` in the folder of this test. */
const check = (file: string): Promise<Finished> =>
  runCli(['doctor', '--job', file], {
    env: { PREFECT_API_URL: apiUrl, NODE_OPTIONS: '--conditions=@prefect-ts/source' },
    cwd: folder,
  })

describe('doctor --job', () => {
  it('shows the params that the job describes', async () => {
    const runPackage = JSON.stringify(import.meta.resolve('../../run/src/index.ts'))
    writeFileSync(
      join(folder, 'job.mjs'),
      `import { runJob } from ${runPackage}
      const properties = { rundate: {}, rows: {} }
      const jsonSchema = { input: () => ({ properties, required: ['rundate'] }) }
      const params = { '~standard': { version: 1, vendor: 'test', jsonSchema } }
      await runJob({ params }, () => {})`,
    )
    const { stdout, exitCode } = await check('job.mjs')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/✓ node +v\d+/)
    expect(stdout).toContain('✓ params             rundate, rows?')
  })

  it.each([
    ['missing.js', undefined, 'does not exist'],
    ['throws.mjs', 'throw new Error("no luck")', '--describe ended with 1'],
    ['chatty.mjs', 'console.log("hello")', 'is not JSON'],
  ])('says what is wrong with %s', async (file, code, message) => {
    if (code !== undefined) writeFileSync(join(folder, file), code)
    const { stdout, exitCode } = await check(file)
    expect(exitCode).toBe(3)
    expect(stdout).toContain(message)
  })
})
