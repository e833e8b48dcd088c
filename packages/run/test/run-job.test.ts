import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createContext, spawnJob } from './spawn-job.ts'

const separators = 'a\u2028b\u2029c\u0000 ü 🛫'

it('hands the result to the flow and exits 0', async () => {
  const context = createContext({ params: { mode: 'return', value: { text: separators } } })
  const { code, stdout } = await spawnJob([], context.env).exit
  expect(code).toBe(0)
  expect(stdout).toBe('')
  expect(context.readResult()).toEqual({ protocol: 1, ok: true, result: { text: separators } })
  expect(readdirSync(context.folder)).toEqual(['result.json'])
})

it('prints the result and logs to stderr when started by hand', async () => {
  const { code, stdout, stderr } = await spawnJob(['--params', '{"mode":"return","value":[1]}'])
    .exit
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual([1])
  expect(stderr).toMatch(/INFO +hello value=\[ 1 \]/)
})

it('says once, started by hand, what is wrong with the params', async () => {
  const { code, stderr } = await spawnJob(['--params', '{}']).exit
  expect(code).toBe(64)
  expect(stderr.match(/The job does not accept/g)).toHaveLength(1)
})

it('prints its arguments for --help, and runs nothing', async () => {
  const { code, stdout, stderr } = await spawnJob(['--help']).exit
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('usage: --params')
})

it('tells the flow code, one-line message and whether to retry', async () => {
  const context = createContext({ params: { mode: 'throw' } })
  const { code, stderr } = await spawnJob([], context.env).exit
  expect(code).toBe(69)
  expect(context.readResult()).toEqual({
    protocol: 1,
    ok: false,
    error: { code: 'SOURCE_DOWN', message: 'first line second line', retryable: true },
  })
  expect(stderr).toContain('the cause')
})

it('fails on what is thrown where nobody awaits', async () => {
  const context = createContext({ params: { mode: 'stray' } })
  const { code } = await spawnJob([], context.env).exit
  expect(code).toBe(1)
  expect(context.readResult()).toMatchObject({
    ok: false,
    error: { message: 'thrown where nobody awaits' },
  })
})

it('refuses a result that JSON cannot hold', async () => {
  const context = createContext({ params: { mode: 'bigint' } })
  expect((await spawnJob([], context.env).exit).code).toBe(1)
  expect(context.readResult()).toMatchObject({ ok: false, error: { code: 'INVALID_RESULT' } })
})

it('exits although the job forgot a timer', async () => {
  const context = createContext({ params: { mode: 'forgets-a-timer' } })
  expect((await spawnJob([], context.env).exit).code).toBe(0)
  expect(context.readResult()).toMatchObject({ ok: true, result: 'done' })
})

it.each([
  [{ mode: 'return', stranger: 1 }, /the params of the flow: .*stranger/],
  [{ mode: 'nonsense' }, /"mode"/],
  [{}, /"mode"/],
])('refuses params %j', async (params, message) => {
  const context = createContext({ params })
  expect((await spawnJob([], context.env).exit).code).toBe(64)
  expect(context.readResult()).toMatchObject({
    ok: false,
    error: { code: 'INVALID_PARAMS', message: expect.stringMatching(message) },
  })
})

it.each([
  [['--params', '{'], /--params: it is not JSON; usage: --params/],
  [['--params', '[]'], /--params: it is not a JSON object/],
  [['--parms', '{}'], /Unknown option '--parms'.*usage/],
  [
    ['--params', '{"mode":"return"}', '--blocks', '/does/not/exist.json'],
    /\/does\/not\/exist\.json.*ENOENT/,
  ],
  [[], /no --params given.*"mode"/],
])('refuses the arguments %j', async (args, message) => {
  const { code, stdout, stderr } = await spawnJob(args).exit
  expect(code).toBe(64)
  expect(stdout).toBe('')
  expect(stderr).toMatch(message)
})

it('masks secrets in the message for the flow and on stderr', async () => {
  const context = createContext({ params: { mode: 'secret' } })
  const { stderr, stdout } = await spawnJob([], context.env).exit
  expect(JSON.stringify(context.readResult())).toContain('refused ********')
  expect(stderr + stdout + JSON.stringify(context.readResult())).not.toContain('canary-7f3a9c')
})

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('aborts and exits on %s', async (signal, expected) => {
  const context = createContext({ params: { mode: 'wait' } })
  const job = spawnJob([], context.env)
  await job.printed('waiting')
  const start = Date.now()
  job.child.kill(signal)
  expect((await job.exit).code).toBe(expected)
  expect(Date.now() - start).toBeLessThan(1_500)
  expect(context.readResult()).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
})

it('ends a handler that ignores the signal within 4 s', async () => {
  const context = createContext({ params: { mode: 'stubborn' } })
  const job = spawnJob([], context.env)
  await job.printed('waiting')
  const start = Date.now()
  job.child.kill('SIGTERM')
  expect((await job.exit).code).toBe(143)
  expect(Date.now() - start).toBeLessThan(4_500)
  expect(context.readResult()).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
})

it('ends and removes the hand-over folder when the flow process is killed', async () => {
  const flow = spawn('sleep', ['60'])
  // Not the job's parent: to the job it is a flow that died before the job had started.
  const context = createContext({ params: { mode: 'wait' }, parentProcessId: flow.pid })
  const { code } = await spawnJob([], context.env).exit
  flow.kill('SIGKILL')
  expect(code).toBe(143)
  expect(existsSync(context.folder)).toBe(false)
})

it('ends a job that computes without a pause when the flow process is killed', async () => {
  const context = createContext({ params: { mode: 'busy' }, parentProcessId: 'FLOW' })
  const script = 'PREFECT_TS_CONTEXT="${CONTEXT/\\"FLOW\\"/$$}" "$@" & wait'
  const job = ['--conditions=@prefect-ts/source', join(import.meta.dirname, 'jobs/job.ts')]
  const flow = spawn('bash', ['-c', script, 'flow', process.execPath, ...job], {
    env: { ...process.env, CONTEXT: context.env.PREFECT_TS_CONTEXT },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  expect(String(await once(flow.stdout, 'data'))).toBe('waiting\n')
  const start = Date.now()
  flow.kill('SIGKILL')
  // Closed when the job, too, has let go of it.
  await once(flow.stdout.resume(), 'close')
  expect(Date.now() - start).toBeLessThan(6_000)
  expect(existsSync(context.folder)).toBe(false)
})

it.each([
  ['{"protocol":2,"params":{}}', /protocol 2.*protocol 1.*prefect-ts \(PyPI\)/],
  ['no json', /PREFECT_TS_CONTEXT is not JSON/],
  ['{"protocol":1,"file":"/does/not/exist"}', /\/does\/not\/exist, which can't be read/],
])('refuses the context %j', async (text, message) => {
  const { code, stderr } = await spawnJob([], { PREFECT_TS_CONTEXT: text }).exit
  expect(code).toBe(64)
  expect(stderr).toMatch(message)
})

it('tells the flow even when it has no API to log to', async () => {
  const flowRun = { id: '0197b1f0-5c7e-7c3a-9d52-3f8a1e6b4c01', name: 'x', scheduledStart: null }
  const context = createContext({ params: { mode: 'return' }, flowRun })
  const { code, stderr } = await spawnJob([], context.env).exit
  expect(code).toBe(64)
  expect(context.readResult()).toMatchObject({ ok: false, error: { code: 'NO_API_URL' } })
  expect(stderr).toContain('PREFECT_API_URL')
})
