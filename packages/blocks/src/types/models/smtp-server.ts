// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

/** The values of `SMTPServer`. */
export type SmtpServer =
  | 'smtp.aol.com'
  | 'smtp.mail.att.net'
  | 'smtp.comcast.net'
  | 'smtp.mail.me.com'
  | 'smtp.gmail.com'
  | 'smtp-mail.outlook.com'
  | 'smtp.mail.yahoo.com'
