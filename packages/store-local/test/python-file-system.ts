import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** What the Python side answers. */
export interface PythonAnswer {
  readonly path?: string
  readonly content?: string
  readonly error?: string
  readonly message?: string
}

/** A Python process with Prefect's LocalFileSystem in it. Requests are answered in their order. */
export interface PythonFileSystem {
  ask(request: {
    do: string
    basepath: string
    path: string
    content?: string
  }): Promise<PythonAnswer>
  stop(): Promise<void>
}

const interpreter = join(import.meta.dirname, '../../../.venv/bin/python')

export function startPython(home: string): PythonFileSystem {
  const child = spawn(interpreter, [join(import.meta.dirname, 'python-file-system.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      PREFECT_HOME: join(home, '.prefect'),
      PYTHONUTF8: '1',
    },
  })
  const waiting: ((answer: PythonAnswer) => void)[] = []
  createInterface(child.stdout).on('line', (line) => {
    waiting.shift()?.(JSON.parse(line) as PythonAnswer)
  })
  child.once('exit', () => {
    for (const settle of waiting.splice(0)) settle({ error: 'the Python process ended' })
  })
  return {
    ask(request) {
      const answer = new Promise<PythonAnswer>((resolve) => waiting.push(resolve))
      child.stdin.write(`${JSON.stringify(request)}\n`)
      return answer
    },
    async stop() {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}
