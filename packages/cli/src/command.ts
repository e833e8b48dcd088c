import type { Client } from '@prefect-ts/api'
import type { Output } from './output.ts'

/** One option of a command, beside those that every command has. */
export interface CommandOption {
  /** Name without the dashes. */
  readonly name: string
  /** What stands for its value in the help; a switch has none. */
  readonly value?: string | undefined
  /** May be given more than once. */
  readonly multiple?: boolean | undefined
  /** One line of help. */
  readonly help: string
}

/** What the command line knows of a command before it is loaded. */
export interface Command {
  /** The words that call it: `blocks ls`. */
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** Its arguments as the usage line shows them: `<reference>`, `[name]`, `[path…]`. */
  readonly arguments: readonly string[]
  readonly options: readonly CommandOption[]
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [line: string, effect: string])[]
  /** More that its help says. */
  readonly details?: string | undefined
  /** Loads the code. */
  readonly load: () => Promise<{ run: RunCommand }>
}

/** Runs a command; resolves to the exit code, or to nothing for success. */
export type RunCommand = (context: CommandContext) => Promise<number | void>

/** What a command works with. */
export interface CommandContext {
  /** Its arguments, as many as it declares. */
  readonly arguments: readonly string[]
  /** Whether a switch was given. */
  flag(name: string): boolean
  /** The value of an option, undefined when it was not given. */
  value(name: string): string | undefined
  /** The values of an option that may be given more than once. */
  values(name: string): readonly string[]
  readonly output: Output
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** The client of the Prefect API, made at the first call. */
  client(): Promise<Client>
}
