/** A text as a literal of TypeScript. */
export function quote(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)
    // Line ends to JavaScript, though not to JSON.
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`)
  return `'${inner}'`
}

/** A property's name, quoted where it has to be. */
export function propertyName(name: string): string {
  return /^[a-z_$][\w$]*$/i.test(name) ? name : quote(name)
}

/** `mail-server` as `MailServer`; what no identifier can start with gets a `_`. */
export function pascalCase(slug: string): string {
  const words = slug.split(/[^a-z\d]+/i).filter((word) => word !== '')
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  return /^[a-z]/i.test(name) ? name : `_${name}`
}

/** A doc comment; none for no text. */
export function comment(text: string | undefined, indent = ''): string[] {
  if (text === undefined || text.trim() === '') return []
  const lines = text.replaceAll('*/', '*\\/').trim().split('\n')
  if (lines.length === 1) return [`${indent}/** ${lines[0]} */`]
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`]
}
