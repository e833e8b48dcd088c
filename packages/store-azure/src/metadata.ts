// Azure wants C# identifiers for names of metadata: no "-", no digit at the start. Ours have a-z, 0-9 and "-" only.
// It drops metadata without a value: such a value is a pair of quotes there, and a quoted one gets a second pair.
const escape = 'x__'

/** Metadata under names that Azure takes: `-` becomes `_`, and a name that starts with a digit gets `x__` before it. */
export function toAzureMetadata(
  metadata: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => {
      const identifier = name.replaceAll('-', '_')
      const isTaken = /^\d/.test(identifier) || identifier.startsWith(escape)
      const isQuoted = value === '' || /^".*"$/.test(value)
      return [isTaken ? escape + identifier : identifier, isQuoted ? `"${value}"` : value]
    }),
  )
}

/** Metadata under our names again. */
export function fromAzureMetadata(
  metadata: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => {
      const identifier = name.toLowerCase()
      const bare = identifier.startsWith(escape) ? identifier.slice(escape.length) : identifier
      return [bare.replaceAll('_', '-'), /^"(.*)"$/.exec(value)?.[1] ?? value]
    }),
  )
}
