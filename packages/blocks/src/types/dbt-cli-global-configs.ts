// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import { anyFields, flag, integer, nullable, text, withDefault } from '../fields.ts'

/**
 * Global configs control things like the visual output
 * of logs, the manner in which dbt parses your project,
 * and what to do when dbt finds a version mismatch
 * or a failing model. Docs can be found [here](
 * https://docs.getdbt.com/reference/global-configs).
 */
export interface DbtCliGlobalConfigsData {
  /** Extra target configs' keywords, not yet exposed in prefect-dbt, but available in dbt. */
  extras: Record<string, unknown> | null
  /**
   * If enabled, fields from dbt target configs will override fields provided in extras and credentials.
   * @default false
   */
  allow_field_overrides: boolean
  /** Whether usage stats are sent to dbt. */
  send_anonymous_usage_stats: boolean | null
  /** Colorize the output it prints in your terminal. */
  use_colors: boolean | null
  /** When partial parsing is enabled, dbt will use an stored internal manifest to determine which files have been changed (if any) since it last parsed the project. */
  partial_parse: boolean | null
  /** Length of characters before starting a new line. */
  printer_width: number | null
  /** Determines whether dbt writes JSON artifacts to the target/ directory. */
  write_json: boolean | null
  /** Whether to convert dbt warnings into errors. */
  warn_error: boolean | null
  /** The LOG_FORMAT config specifies how dbt's logs should be formatted. If the value of this config is json, dbt will output fully structured logs in JSON format. */
  log_format: string | null
  /** Whether to redirect dbt's debug logs to standard out. */
  debug: boolean | null
  /** Whether to raise an error if a project's version is used with an incompatible dbt version. */
  version_check: boolean | null
  /** Make dbt exit immediately if a single resource fails to build. */
  fail_fast: boolean | null
  /** Opt into the latest experimental version of the static parser. */
  use_experimental_parser: boolean | null
  /** Whether to use the [static parser](https://docs.getdbt.com/reference/parsing#static-parser). */
  static_parser: boolean | null
}

export const blockModule: BlockModule<DbtCliGlobalConfigsData> = {
  readers: {
    extras: nullable(anyFields),
    allow_field_overrides: withDefault(flag, false),
    send_anonymous_usage_stats: nullable(flag),
    use_colors: nullable(flag),
    partial_parse: nullable(flag),
    printer_width: nullable(integer),
    write_json: nullable(flag),
    warn_error: nullable(flag),
    log_format: nullable(text),
    debug: nullable(flag),
    version_check: nullable(flag),
    fail_fast: nullable(flag),
    use_experimental_parser: nullable(flag),
    static_parser: nullable(flag),
  },
}
