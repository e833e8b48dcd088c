import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { RunContext } from './context.ts'
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

/** Writes the result file, or removes its folder when the flow process is gone and can't any more. */
export function tellFlow(context: RunContext | undefined, text: string): void {
  const { parentProcessId, resultFile } = context ?? {}
  if (!resultFile) return
  const orphaned = (): boolean => Boolean(parentProcessId) && process.ppid !== parentProcessId
  if (!orphaned()) writeResultFile(resultFile, text)
  if (orphaned()) rmSync(dirname(resultFile), { recursive: true, force: true })
}

/** Writes a result file atomically: whole or not at all. */
function writeResultFile(path: string, text: string): void {
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
