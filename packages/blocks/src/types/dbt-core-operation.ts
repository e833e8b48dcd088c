// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { flag, list, nullable, record, text, withDefault } from '../fields.ts'

/**
 * A block representing a dbt operation, containing multiple dbt and shell commands.
 *
 * For long-lasting operations, use the trigger method and utilize the block as a
 * context manager for automatic closure of processes when context is exited.
 * If not, manually call the close method to close processes.
 *
 * For short-lasting operations, use the run method. Context is automatically managed
 * with this method.
 */
export interface DbtCoreOperationData {
  /** A list of commands to execute sequentially. */
  commands: string[]
  /**
   * Whether to stream output.
   * @default true
   */
  stream_output: boolean
  /** Environment variables to use for the subprocess. */
  env: Record<string, string> | null
  /** The absolute path to the working directory the command will be executed within. */
  working_dir: string | null
  /** The shell to run the command with; if unset, defaults to `powershell` on Windows and `bash` on other platforms. */
  shell: string | null
  /** The extension to use for the temporary file; if unset, defaults to `.ps1` on Windows and `.sh` on other platforms. */
  extension: string | null
  /** The directory to search for the profiles.yml file. Setting this appends the `--profiles-dir` option to the dbt commands provided. If this is not set, will try using the DBT_PROFILES_DIR environment variable, but if that's also not set, will use the default directory `$HOME/.dbt/`. */
  profiles_dir: string | null
  /** The directory to search for the dbt_project.yml file. Default is the current working directory and its parents. */
  project_dir: string | null
  /**
   * Whether the existing profiles.yml file under profiles_dir should be overwritten with a new profile.
   * @default false
   */
  overwrite_profiles: boolean
  /** Profiles class containing the profile written to profiles.yml. Note! This is optional and will raise an error if profiles.yml already exists under profile_dir and overwrite_profiles is set to False. */
  dbt_cli_profile: Block<'dbt-cli-profile'> | null
}

export const blockModule: BlockModule<DbtCoreOperationData, 'dbt_cli_profile'> = {
  nested: {
    dbt_cli_profile: { types: ['dbt-cli-profile'], whenMissing: null },
  },
  readers: {
    commands: list(text),
    stream_output: withDefault(flag, true),
    env: nullable(record(text)),
    working_dir: nullable(text),
    shell: nullable(text),
    extension: nullable(text),
    profiles_dir: nullable(text),
    project_dir: nullable(text),
    overwrite_profiles: withDefault(flag, false),
  },
}
