import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { stopProcess } from '../../scripts/lib/prefect-server.ts'

/** A server of a test run. */
export interface TestServer {
  /** Where it answers, without a slash at the end. */
  url: string
  stop(): Promise<void>
}

/** Starts a program and waits until `url` answers anything. Throws with its output when it does not. */
export async function startProcess(
  command: string,
  args: readonly string[],
  url: string,
  env: Record<string, string> = {},
): Promise<TestServer> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const seen = { output: '', ended: false }
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      seen.output = (seen.output + text).slice(-4_000)
    })
  }
  child.once('error', (error) => {
    seen.ended = true
    seen.output += error.message
  })
  child.once('exit', () => (seen.ended = true))
  const stop = (): Promise<void> => (seen.ended ? Promise.resolve() : stopProcess(child.pid))
  const deadline = Date.now() + 60_000
  while (!seen.ended && Date.now() < deadline) {
    if (await answers(url)) return { url, stop }
    await sleep(50)
  }
  await stop()
  throw new Error(`${command} did not answer at ${url}:\n${seen.output}`)
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
    await response.body?.cancel()
    return true
  } catch {
    return false
  }
}
