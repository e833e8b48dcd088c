/** A JSON number whose text is given: Python tells `1.0` from `1`, and so does its checksum. */
export interface RawNumber {
  readonly rawJSON: string
}

// ES2026, in Node since 21; not in the compiler's es2024 library.
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON: (text: string) => RawNumber
  isRawJSON: (value: unknown) => value is RawNumber
}

/** A float as Python's `repr`, hence its `json`, writes it: `1.0`, `1e-05`, `1e+16`. */
export function pythonFloat(value: number): RawNumber {
  const size = Math.abs(value)
  if (value !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e')
    const sign = exponent.startsWith('-') ? '-' : '+'
    return rawJSON(`${digits}e${sign}${exponent.slice(1).padStart(2, '0')}`)
  }
  // From 1e16 on only: below it JavaScript's text is Python's.
  const shortest = Object.is(value, -0) ? '-0' : String(value)
  return rawJSON(Number.isInteger(value) ? `${shortest}.0` : shortest)
}

/** An int of Python, of any size. */
export function pythonInteger(value: bigint): RawNumber {
  return rawJSON(String(value))
}

/** What Python's `json.dumps(value, sort_keys=True)` writes. */
export function pythonJson(value: unknown): string {
  if (isRawJSON(value)) return value.rawJSON
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
    // UTF-8 sorts as code points do, JavaScript's own order does not.
    entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    return `{${entries.map(([key, inner]) => `${text(key)}: ${pythonJson(inner)}`).join(', ')}}`
  }
  return typeof value === 'string' ? text(value) : JSON.stringify(value)
}

function text(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
