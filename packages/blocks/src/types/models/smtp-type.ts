// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

/** The values of `SMTPType`. */
export type SmtpType = 465 | 587 | 25
