import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { runPython } from '../../../scripts/lib/prefect-server.ts'
import { runCli } from './run-cli.ts'

const apiUrl = inject('prefectApiUrl')
const env = { PREFECT_API_URL: apiUrl }
const prefix = `c${crypto.randomUUID().slice(0, 8)}`
const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-cli-'))
const secret = 'canary-in-a-block'

beforeAll(() => {
  const script = `
from prefect.blocks.system import Secret
from prefect.filesystems import LocalFileSystem
from prefect_aws import AwsCredentials, S3Bucket
from prefect_aws.client_parameters import AwsClientParameters
LocalFileSystem(basepath=${JSON.stringify(join(folder, 'data'))}).save('${prefix}-local')
Secret(value='${secret}').save('${prefix}-secret')
nowhere = AwsClientParameters(endpoint_url='http://127.0.0.1:9')
credentials = AwsCredentials(aws_access_key_id='AKIA', aws_secret_access_key='${secret}', aws_client_parameters=nowhere)
credentials.save('${prefix}-aws')
S3Bucket(bucket_name='bucket', credentials=credentials).save('${prefix}-s3')
`
  runPython(['-c', script], { PREFECT_API_URL: apiUrl, PREFECT_HOME: join(folder, 'home') })
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('lists blocks by type, name and capability', async () => {
  const list = async (...args: string[]): Promise<string[]> => {
    const { stdout, exitCode } = await runCli(['blocks', 'ls', '--name', `${prefix}-*`, ...args], {
      env,
    })
    expect(exitCode).toBe(0)
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t')[0] ?? '')
  }
  expect(await list()).toEqual([
    `aws-credentials/${prefix}-aws`,
    `local-file-system/${prefix}-local`,
    `s3-bucket/${prefix}-s3`,
    `secret/${prefix}-secret`,
  ])
  expect(await list('--type', 'secret', '--type', 's3-bucket')).toHaveLength(2)
  expect(await list('--capability', 'read-path')).toHaveLength(2)
})

it('shows a block with its nested block, secrets masked', async () => {
  const shown = await runCli(['blocks', 'show', `s3-bucket/${prefix}-s3`], { env })
  expect(shown.exitCode).toBe(0)
  expect(shown.stdout.split('\n')).toEqual(
    expect.arrayContaining([
      'bucket_name\tbucket',
      `credentials\t(aws-credentials/${prefix}-aws)`,
      'credentials.aws_secret_access_key\t********',
    ]),
  )
  const json = await runCli(['blocks', 'show', `secret/${prefix}-secret`, '--json'], { env })
  expect(JSON.parse(json.stdout)).toMatchObject({ type: 'secret', data: { value: '********' } })
  expect(shown.stdout + json.stdout).not.toContain(secret)
})

it('lists near names of a block that is not there', async () => {
  const { exitCode, stderr } = await runCli(['blocks', 'show', `secret/${prefix}-secre`], { env })
  expect(exitCode).toBe(1)
  expect(stderr).toContain(`Near names: "${prefix}-secret"`)
})

it('doctor takes a probe through the store of a block', async () => {
  const reference = `local-file-system/${prefix}-local`
  const { stdout, exitCode } = await runCli(['doctor', '--block', reference], { env })
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/✓ probe +written, read, listed, deleted in \d+ ms/)
  expect(stdout).toMatch(/· capabilities +ifAbsent, range; not ifMatch, metadata/)
})

it('doctor says that the server of a store is not reached', async () => {
  const reference = `s3-bucket/${prefix}-s3`
  const { stdout, exitCode } = await runCli(['doctor', '--block', reference], { env })
  expect(exitCode).toBe(3)
  expect(stdout).toMatch(/✗ probe .*can not be reached/)
  expect(stdout).toContain('→ start the server that the block names')
  expect(stdout).not.toContain('capabilities')
})

it('doctor says what is wrong with a block, in JSON too, and ends with 3', async () => {
  const args = ['doctor', '--json', '--block', `secret/${prefix}-none`]
  const { stdout, exitCode } = await runCli(args, { env })
  expect(exitCode).toBe(3)
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: object[] }
  expect(ok).toBe(false)
  expect(findings.at(-1)).toMatchObject({ status: 'problem', subject: 'block' })
})
