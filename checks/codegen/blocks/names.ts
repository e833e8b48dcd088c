/** `AwsClientParameters` and `SMTPServer` to `aws-client-parameters` and `smtp-server`. */
export function kebab(name: string): string {
  return name.replaceAll(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$2-').toLowerCase()
}

/** `aws-credentials` and `SMTPServer` to `AwsCredentials` and `SmtpServer`. */
export function pascal(name: string): string {
  return kebab(name)
    .split(/[^a-z0-9]+/)
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('')
}

/** `aws-credentials` to `awsCredentials`. */
export function camel(name: string): string {
  const text = pascal(name)
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}

/** A property's name as it stands in an object or interface. */
export function key(name: string): string {
  return /^[a-z_$][\w$]*$/i.test(name) ? name : literal(name)
}

/** A JSON value as source text. */
export function literal(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  const inner = JSON.stringify(value)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
  return `'${inner.replaceAll("'", String.raw`\'`)}'`
}

/** A doc comment of these lines; nothing for none. */
export function comment(...given: readonly string[]): string[] {
  const lines = given
    .flatMap((text) => text.split('\n'))
    .map((line) => line.trimEnd().replaceAll('*/', String.raw`*\/`))
  while (lines[0] === '') lines.shift()
  while (lines.at(-1) === '') lines.pop()
  if (lines.length <= 1) return lines.map((line) => `/** ${line} */`)
  return ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */']
}
