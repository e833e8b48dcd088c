/** What a server or its client said, for a message: it may hold what a terminal obeys. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- just these
  const line = text.replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
  return line.trim().slice(0, 300)
}

/** A field of an error, that may be inherited or hidden from enumeration. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
