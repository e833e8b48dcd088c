import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { cleanEnvironment, stopProcess, venv } from '../../scripts/lib/prefect-server.ts'

/** What a command of `blocks.py` is answered. */
export interface BlocksAnswer {
  /** For each write what `write_path` returned, or the error. */
  written: (string | null | { error: string })[]
  /** For each read the text, or the error. */
  read: (string | { error: string })[]
}

/** A Python process with Prefect's own blocks, which stays for many commands. */
export interface PythonBlocks {
  /** Writes, and then reads, with the block of these fields. */
  run(
    block: string,
    data: object,
    work: { write?: [path: string, text: string][]; read?: string[] },
  ): Promise<BlocksAnswer>
  stop(): Promise<void>
}

/** Starts the process. `env` is for what the blocks take from the environment. */
export async function startPythonBlocks(env: Record<string, string> = {}): Promise<PythonBlocks> {
  const script = join(import.meta.dirname, 'blocks.py')
  const child = spawn(join(venv, 'bin/python'), [script], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: cleanEnvironment(env),
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  // That it has ended is said by the next line that does not come.
  child.stdin.on('error', () => undefined)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()

  async function nextLine(): Promise<string> {
    const line = await lines.next()
    if (line.done === true) throw new Error(`blocks.py ended:\n${errors.slice(-4_000)}`)
    return line.value
  }

  await nextLine()
  let queue: Promise<unknown> = Promise.resolve()
  return {
    run(block, data, { write = [], read = [] }) {
      const answer = queue.then(async () => {
        child.stdin.write(`${asciiJson({ block, data, write, read })}\n`)
        const value = JSON.parse(await nextLine()) as BlocksAnswer | { error: string }
        if ('error' in value) throw new Error(`blocks.py: ${value.error}`)
        return value
      })
      queue = answer.catch(() => undefined)
      return answer
    },
    stop: () => stopProcess(child.pid),
  }
}

/** Python splits lines at more characters than JSON escapes. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
