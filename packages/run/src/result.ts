import { maskSecrets } from '@prefect-ts/api'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { RunError } from './errors.ts'

/** What the flow is told about a failure. */
export interface JobFailure {
  code: string
  /** One line: what, where from, what to do. */
  message: string
  retryable: boolean
}

const maxMessageLength = 2_000

/** The failure that an error stands for: its own code and its message as one masked, bounded line. */
export function describeFailure(error: unknown): JobFailure {
  const fields = (error instanceof Error ? error : {}) as { code?: unknown; retryable?: unknown }
  const text = error instanceof Error ? error.message || error.name : String(error)
  const line = maskSecrets(text)
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
  return {
    code: typeof fields.code === 'string' ? fields.code : 'JOB_FAILED',
    message: line.slice(0, maxMessageLength).toWellFormed(),
    retryable: fields.retryable === true,
  }
}

/** The result as JSON text. Throws `INVALID_RESULT` for what JSON can't hold (BigInt, cycles). */
export function serializeResult(result: unknown): string {
  try {
    return JSON.stringify({ protocol: 1, ok: true, result: result ?? null })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : ''
    throw new RunError('INVALID_RESULT', `The job's result can't be written as JSON: ${reason}`, {
      cause,
    })
  }
}

/** The failure as the text of a result file. */
export function serializeFailure(failure: JobFailure): string {
  return JSON.stringify({ protocol: 1, ok: false, error: failure })
}

/** Writes a result file atomically: whole or not at all. */
export function writeResultFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`
  const descriptor = openSync(temporary, 'wx', 0o600)
  try {
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, path)
}
