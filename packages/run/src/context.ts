import { readFileSync, rmSync } from 'node:fs'
import { RunError } from './errors.ts'

/** The protocol between the flow's side (PyPI `prefect-ts`) and this package; see `protocol/` in the repository. */
const protocolVersion = 1

/** A run or deployment of Prefect, as the flow named it. */
export interface RunReference {
  id: string
  name: string
}

/** Which blocks the datastores are (`slug/name`), and which of the two a job uses when it names none. */
export interface RunDatastores {
  local?: string | undefined
  remote?: string | undefined
  default?: 'local' | 'remote' | undefined
}

/** What the flow handed over: protocol 1's `PREFECT_TS_CONTEXT`. */
export interface RunContext {
  params: Record<string, unknown>
  flowRun: (RunReference & { scheduledStart: string | null }) | null
  taskRun: RunReference | null
  deployment: RunReference | null
  timeZone: string
  datastores: RunDatastores
  /** Where the result goes; null when flow and job share no files: then it goes into `ownTaskRun`. */
  resultFile: string | null
  /** The flow's process: the job's parent. Another parent means that the flow is gone. Null on another machine. */
  parentProcessId: number | null
  /** The task run that the job is to be, when the flow made up its id; the flow reads state and result by it. */
  ownTaskRun: RunReference | null
  /** Block (`slug/name`) whose storage takes the result of `ownTaskRun`. */
  resultBlock: string | null
}

/** The environment variable that carries the context. */
export const contextVariable = 'PREFECT_TS_CONTEXT'

/**
 * Reads the context that the flow's side set. `undefined` without one: the job was started by hand.
 * A context handed over as a file is deleted once read.
 * Rejects with `UNKNOWN_PROTOCOL` (naming both versions) or `INVALID_CONTEXT` (naming the field).
 */
export function readContext(env: NodeJS.ProcessEnv): RunContext | undefined {
  const text = env[contextVariable]
  if (text === undefined || text === '') return undefined
  const document = parseObject(text, contextVariable)
  checkProtocol(document)
  if (!('file' in document)) return parseContext(document)
  const { file, params } = document
  if (params !== undefined) throw invalid('file', 'the only thing beside protocol')
  if (typeof file !== 'string' || !file.startsWith('/')) throw invalid('file', 'an absolute path')
  const fromFile = parseObject(readContextFile(file), `the file of ${contextVariable}`)
  checkProtocol(fromFile)
  return parseContext(fromFile)
}

function readContextFile(file: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    rmSync(file, { force: true })
    return text
  } catch (cause) {
    throw new RunError(
      'INVALID_CONTEXT',
      `${contextVariable} names the file ${file}, which can't be read: start the job through node_operation.`,
      { cause },
    )
  }
}

function parseObject(text: string, place: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's message quotes the text, which may hold secrets.
    throw new RunError('INVALID_CONTEXT', `${place} is not JSON: it must come from node_operation.`)
  }
  if (!isObject(value)) {
    throw new RunError(
      'INVALID_CONTEXT',
      `${place} is not a JSON object: it must come from node_operation.`,
    )
  }
  return value
}

function checkProtocol({ protocol }: Record<string, unknown>): void {
  if (protocol === protocolVersion) return
  if (!Number.isInteger(protocol)) throw invalid('protocol', 'a version number')
  throw new RunError(
    'UNKNOWN_PROTOCOL',
    `The flow speaks protocol ${String(protocol)}, @prefect-ts/run speaks protocol ${protocolVersion}: ` +
      'install matching versions of prefect-ts (PyPI) and @prefect-ts/run (npm).',
  )
}

function parseContext(document: Record<string, unknown>): RunContext {
  const { params, resultFile, timeZone, parentProcessId, datastores } = document
  if (!isObject(params)) throw invalid('params', 'an object')
  const ownTaskRun =
    document['ownTaskRun'] === undefined ? null : parseReference(document, 'ownTaskRun')
  if (resultFile === null ? ownTaskRun === null : !isAbsolutePath(resultFile)) {
    throw invalid('resultFile', 'an absolute path (or null beside an ownTaskRun)')
  }
  if (resultFile === null && document['flowRun'] === null) {
    throw invalid('flowRun', 'the flow run that ownTaskRun belongs to')
  }
  const resultBlock = document['resultBlock'] ?? null
  if (resultBlock !== null && !isBlockReference(resultBlock)) {
    throw invalid('resultBlock', 'a block name like "s3-bucket/results", or null')
  }
  if (typeof timeZone !== 'string') throw invalid('timeZone', 'an IANA time zone name')
  if (parentProcessId !== null && !Number.isInteger(parentProcessId)) {
    throw invalid('parentProcessId', 'a process id, or null')
  }
  const flowRun = parseReference(document, 'flowRun')
  return {
    params,
    flowRun: flowRun && { ...flowRun, scheduledStart: parseScheduledStart(document['flowRun']) },
    taskRun: parseReference(document, 'taskRun'),
    deployment: parseReference(document, 'deployment'),
    timeZone,
    datastores: parseDatastores(datastores, invalid),
    resultFile: resultFile as string | null,
    parentProcessId: parentProcessId as number | null,
    ownTaskRun,
    resultBlock,
  }
}

function isAbsolutePath(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('/')
}

function isBlockReference(value: unknown): value is string {
  return typeof value === 'string' && /^[^/]+\/[^/]+$/.test(value)
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function parseReference(document: Record<string, unknown>, field: string): RunReference | null {
  const value = document[field]
  if (value === null) return null
  const { id, name } = isObject(value) ? value : {}
  if (typeof id !== 'string' || !uuid.test(id) || typeof name !== 'string') {
    throw invalid(field, '{ id, name } or null')
  }
  return { id, name }
}

function parseScheduledStart(flowRun: unknown): string | null {
  const value = (isObject(flowRun) ? flowRun['scheduledStart'] : null) ?? null
  if (value === null) return null
  if (
    typeof value === 'string' &&
    /(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  ) {
    return value
  }
  throw invalid('flowRun.scheduledStart', 'an ISO 8601 time with its offset, or null')
}

/** Checks a datastores object; `fail` makes the error, so that it names where the object came from. */
export function parseDatastores(
  value: unknown,
  fail: (field: string, expected: string) => RunError,
): RunDatastores {
  if (!isObject(value)) throw fail('datastores', 'an object')
  const result: RunDatastores = {}
  for (const key of ['local', 'remote'] as const) {
    const reference = value[key] ?? undefined
    if (reference === undefined) continue
    if (!isBlockReference(reference)) {
      throw fail(`datastores.${key}`, 'a block name like "local-file-system/etl-data"')
    }
    result[key] = reference
  }
  const chosen = value['default'] ?? undefined
  if (chosen !== undefined) {
    if (chosen !== 'local' && chosen !== 'remote') {
      throw fail('datastores.default', '"local" or "remote"')
    }
    result.default = chosen
  }
  return result
}

function invalid(field: string, expected: string): RunError {
  return new RunError('INVALID_CONTEXT', `${contextVariable}: ${field} is not ${expected}.`)
}

/** Whether `value` is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
