import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { RunError } from './errors.ts'
import type { JobFailure } from './failure.ts'

/** A value as JSON text. Throws `INVALID_RESULT` for what JSON can't hold (BigInt, cycles). */
export function serializeValue(result: unknown): string {
  try {
    return JSON.stringify(result ?? null) ?? 'null'
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : ''
    throw new RunError('INVALID_RESULT', `The job's result can't be written as JSON: ${reason}`, {
      cause,
    })
  }
}

/** The text of a result file. */
export function serializeResult(valueText: string): string {
  return `{"protocol":1,"ok":true,"result":${valueText}}`
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
