/** Exit codes of the command line. */
export const exitCodes = {
  /** Done. */
  done: 0,
  /** It failed: a server, a block, a store, a file. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** It ran, and the answer is no: a finding of `doctor`, drift, a run that did not complete, a file that differs. */
  no: 3,
} as const

/** The command line is wrong; the message says what, `command` whose help explains it. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}

/** Something that the user can mend; the message says it all. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError'
}
