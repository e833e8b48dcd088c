import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { isObject } from './context.ts'
import { RunError } from './errors.ts'
import { parseJson, RoundedNumberError } from './params.ts'

export interface CommandLine {
  params: Record<string, unknown> | undefined
  blocks: Record<string, Record<string, unknown>>
  /** The process is the flow run that a worker started it for. */
  flowRun: boolean
}

/** The arguments of a job, for its messages and `--help`. */
export const usage = `usage: --params '{"name": "value"}' [--blocks '{"slug/name": {…}}' | --blocks file.json]; --flow-run, without --params, takes the flow run that a worker gave; --describe prints the schema of the params`

/** Reads `--params`, `--blocks` and `--flow-run`. Throws `INVALID_PARAMS` naming the argument; values are never quoted. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  let values: { params?: string; blocks?: string; 'flow-run'?: boolean }
  try {
    const options = {
      params: { type: 'string' },
      blocks: { type: 'string' },
      'flow-run': { type: 'boolean' },
    } as const
    values = parseArgs({ args: [...argv], options }).values
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('.')[0] : ''
    throw new RunError('INVALID_PARAMS', `Command line: ${reason}; ${usage}`)
  }
  const flowRun = values['flow-run'] ?? false
  if (flowRun && values.params !== undefined) {
    throw invalidArgument('--params', 'with --flow-run the params are those of the flow run')
  }
  const blocks: CommandLine['blocks'] = {}
  if (values.blocks !== undefined) {
    const text = values.blocks.trimStart().startsWith('{')
      ? values.blocks
      : readBlocksFile(values.blocks)
    for (const [reference, data] of Object.entries(parseArgument('--blocks', text))) {
      if (!isObject(data)) throw invalidArgument('--blocks', `"${reference}" is not an object`)
      blocks[reference] = data
    }
  }
  return {
    params: values.params === undefined ? undefined : parseArgument('--params', values.params),
    blocks,
    flowRun,
  }
}

function readBlocksFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    throw invalidArgument('--blocks', `the file ${path} can't be read (${code})`)
  }
}

function parseArgument(name: string, text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (error) {
    if (error instanceof RoundedNumberError) throw invalidArgument(name, error.message)
    throw invalidArgument(name, 'it is not JSON')
  }
  if (!isObject(value)) throw invalidArgument(name, 'it is not a JSON object')
  return value
}

function invalidArgument(name: string, reason: string): RunError {
  return new RunError('INVALID_PARAMS', `Command line: ${name}: ${reason}; ${usage}`)
}
