// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import { anyFields, flag, list, nullable, text, withDefault } from '../fields.ts'

/**
 * A block representing a shell operation, containing multiple commands.
 *
 * For long-lasting operations, use the trigger method and utilize the block as a
 * context manager for automatic closure of processes when context is exited.
 * If not, manually call the close method to close processes.
 *
 * For short-lasting operations, use the run method. Context is automatically managed
 * with this method.
 */
export interface ShellOperationData {
  /** A list of commands to execute sequentially. */
  commands: string[]
  /**
   * Whether to stream output.
   * @default true
   */
  stream_output: boolean
  /**
   * Template prepended to each streamed output log record. Supports the `{pid}` and `{label}` placeholders (label is `stream output` for stdout and `stderr` for stderr); newlines are written as the platform line separator. Set to `None` to log the raw output only.
   * @default 'PID {pid} {label}:\n'
   */
  log_prefix: string | null
  /** Environment variables to use for the subprocess. */
  env: Record<string, unknown>
  /** The absolute path to the working directory the command will be executed within. */
  working_dir: string | null
  /** The shell to run the command with; if unset, defaults to `powershell` on Windows and `bash` on other platforms. */
  shell: string | null
  /** The extension to use for the temporary file; if unset, defaults to `.ps1` on Windows and `.sh` on other platforms. */
  extension: string | null
}

export const blockModule: BlockModule<ShellOperationData> = {
  readers: {
    commands: list(text),
    stream_output: withDefault(flag, true),
    log_prefix: nullable(text, 'PID {pid} {label}:\n'),
    env: withDefault(anyFields, {}),
    working_dir: nullable(text),
    shell: nullable(text),
    extension: nullable(text),
  },
}
