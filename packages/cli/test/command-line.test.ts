import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { commands } from '../src/commands.ts'
import { widthOf } from '../src/output.ts'
import { runCli, runInTerminal } from './run-cli.ts'

const env = { PREFECT_API_URL: inject('prefectApiUrl') }

describe('help', () => {
  it('lists every command and group', async () => {
    const { stdout, exitCode } = await runCli(['--help'])
    expect(exitCode).toBe(0)
    for (const { name } of commands) {
      const words = name.split(' ')
      for (const word of words) expect(stdout).toContain(word)
    }
    expect((await runCli([])).stdout).toBe(stdout)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it.each(commands.map(({ name }) => name))('explains %s with an example', async (name) => {
    const { stdout, exitCode } = await runCli([...name.split(' '), '--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`Usage: prefect-ts ${name}`)
    expect(stdout).toContain(`  prefect-ts ${name}`)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('says the version', async () => {
    expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('a wrong command line ends with 2 and says what is wrong', () => {
  it.each([
    [['block'], 'there is no command "block": doctor, blocks ls'],
    [['blocks', 'lst'], 'there is no command "blocks lst": blocks ls'],
    [['blocks'], '"blocks" needs a command: blocks ls'],
    [['--json', 'doctor'], 'the command stands before its options'],
    [['blocks', 'show'], '<slug/name> is missing. See `prefect-ts blocks show --help`'],
    [['blocks', 'show', 'a/b', 'c/d'], '"c/d" is one argument too many'],
    [['blocks', 'ls', '--tpye', 'x'], "Unknown option '--tpye'"],
    [['blocks', 'ls', '--type'], "'--type <value>' argument missing"],
    [['runs', 'start', 'a/b', '--param', 'x'], '--param "x" is not name=value'],
    [['runs', 'start', 'a/b', '--params', '[1]'], '--params is not a JSON object'],
    [['runs', 'start', 'a/b', '--at', '2026-01-01T00:00:00'], 'is not a time like'],
    [['runs', 'logs', 'x', '--level', 'loud'], 'is none of DEBUG, INFO, WARNING'],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await runCli(args, { env })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^prefect-ts: /)
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('without a server', () => {
  it('says which setting is missing, and ends with 1', async () => {
    const cwd = import.meta.dirname
    const { exitCode, stderr } = await runCli(['blocks', 'ls'], {
      cwd,
      env: { PREFECT_HOME: '/nowhere' },
    })
    expect(exitCode).toBe(1)
    expect(stderr).toContain('Set PREFECT_API_URL')
  })

  it('never prints the password of the address', async () => {
    const { exitCode, stdout, stderr } = await runCli(['blocks', 'ls'], {
      env: {
        PREFECT_API_URL: 'http://someone:hunter2secret@127.0.0.1:9/api',
        PREFECT_CLIENT_MAX_RETRIES: '0',
      },
    })
    expect(exitCode).toBe(1)
    expect(stdout + stderr).not.toContain('hunter2secret')
  })
})

describe('where the answer goes', () => {
  it('is a table with a head on a terminal, within its width', async () => {
    for (const columns of [80, 200]) {
      const { stdout, exitCode } = await runInTerminal(['blocks', 'types'], columns, { env })
      expect(exitCode).toBe(0)
      const [head = '', ...lines] = stdout.trimEnd().split('\n')
      expect(head).toBe(`\u001b[1m${head.slice(4, -5)}\u001b[22m`)
      expect(head).toContain('description')
      const widths = lines.map((line) => widthOf(line))
      expect(Math.max(...widths)).toBeLessThanOrEqual(columns)
      expect(Math.max(...widths)).toBeGreaterThan(columns - 10)
      expect(lines.some((line) => line.endsWith('…'))).toBe(true)
    }
  })

  it('has no colour when there shall be none', async () => {
    for (const [args, more] of [
      [['--no-color'], {}],
      [[], { NO_COLOR: '1' }],
    ] as const) {
      const { stdout } = await runInTerminal(['blocks', 'types', ...args], 80, {
        env: { ...env, ...more },
      })
      expect(stdout).toContain('description')
      expect(stdout).not.toContain('\u001b[')
    }
  })

  it('is whole lines with tabs in a pipe, without head and colour', async () => {
    const { stdout } = await runCli(['blocks', 'types'], { env })
    expect(stdout).not.toContain('\u001b[')
    const rows = stdout.trimEnd().split('\n')
    expect(rows.every((row) => row.split('\t').length === 3)).toBe(true)
    expect(rows.find((row) => row.startsWith('local-file-system\t'))).toBeDefined()
    expect(stdout).not.toContain('…')
  })

  it('is JSON when asked', async () => {
    const { stdout } = await runCli(['blocks', 'types', '--json'], { env })
    const types = JSON.parse(stdout) as { slug: string }[]
    expect(types.map(({ slug }) => slug)).toContain('secret')
  })

  it('ends quietly when the reader closes the pipe', async () => {
    const bin = join(import.meta.dirname, '../src/bin.ts')
    const script = `node -C @prefect-ts/source ${bin} blocks types | head -n 1; echo "\${PIPESTATUS[0]}"`
    const child = spawn('bash', ['-c', script], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    }
    await new Promise((resolve) => child.once('close', resolve))
    const lines = output.trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[1]).toBe('0')
  })
})
