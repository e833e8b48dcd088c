const mask = '********'
const minimumLength = 6

/** A value that shows itself only through `reveal()`: printed, logged, serialised or cloned it is `********`. */
export interface Secret<Value extends string = string> {
  /** The value itself. The only way to it. */
  reveal(): Value
  /** Whether both hold the same value, without showing either. */
  equals(other: Secret): boolean
  /** Always `********`. */
  toString(): string
  /** Always `********`, so that `JSON.stringify` of anything around it holds no secret. */
  toJSON(): string
}

class MaskedValue<Value extends string> implements Secret<Value> {
  readonly #value: Value

  constructor(value: Value) {
    this.#value = value
  }

  get [Symbol.toStringTag](): string {
    return 'Secret'
  }

  reveal(): Value {
    return this.#value
  }

  equals(other: Secret): boolean {
    return this.#value === other.reveal()
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  [Symbol.toPrimitive](): string {
    return mask
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return mask
  }
}

/**
 * Wraps a value so that it cannot be shown by accident, and has `maskSecrets` replace it from now on.
 * Values under 6 characters, numbers and `true`/`false`/`null` are wrapped but not replaced in texts:
 * one short secret would destroy every log.
 */
export function createSecret<Value extends string>(value: Value): Secret<Value> {
  register(value)
  return new MaskedValue(value)
}

/** A secret that `maskSecrets` does not look for: a value that is hidden only because of where it stands. */
export function createUnregisteredSecret<Value extends string>(value: Value): Secret<Value> {
  return new MaskedValue(value)
}

/** Whether a value is a `Secret`, also one of another installed copy of this package. */
export function isSecret(value: unknown): value is Secret {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.prototype.toString.call(value) === '[object Secret]' &&
    typeof (value as { reveal?: unknown }).reveal === 'function'
  )
}

// Every form of every secret, longest first, by its first six characters; and which starts of three there
// are. A regular expression of all would be built anew for each secret, in 16 ms for a thousand.
const formsByStart = new Map<string, string[]>()
const known = new Set<string>()
const starts = new Uint8Array(2 ** 16)

/**
 * Replaces every secret value that this process has created by `********`: raw, in base64 (also
 * base64url), hex, URL-encoded and JSON-escaped.
 */
export function maskSecrets(text: string): string {
  let masked = ''
  let end = 0
  for (let index = 0; index <= text.length - minimumLength; index += 1) {
    if (starts[startOf(text, index)] === 0) continue
    const forms = formsByStart.get(text.slice(index, index + minimumLength))
    // Longest first, so that a secret that contains another one goes as a whole.
    const found = forms?.find((form) => text.startsWith(form, index))
    if (found === undefined) continue
    masked += text.slice(end, index) + mask
    end = index + found.length
    index = end - 1
  }
  return end === 0 ? text : masked + text.slice(end)
}

function startOf(text: string, index: number): number {
  const hash = (text.charCodeAt(index) * 31 + text.charCodeAt(index + 1)) * 31
  return (hash + text.charCodeAt(index + 2)) & 0xffff
}

/** Replaces every string that stands anywhere in `data` by `********`: an echo of what was sent. */
export function maskEcho(text: string, data: unknown): string {
  if (typeof data === 'string') {
    if (data.length < minimumLength) return text
    return text.replaceAll(data, mask).replaceAll(JSON.stringify(data).slice(1, -1), mask)
  }
  if (typeof data !== 'object' || data === null || isSecret(data)) return text
  return Object.values(data).reduce<string>(maskEcho, text)
}

function register(value: string): void {
  if (value.length < minimumLength || /^[-+]?[\d.]+$/.test(value)) return
  const bytes = Buffer.from(value)
  const base64 = bytes.toString('base64')
  const urlEncoded = encodeURIComponent(value.toWellFormed())
  for (const form of [
    value,
    base64,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    urlEncoded,
    urlEncoded.replaceAll('%20', '+'),
    urlEncoded.replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
    JSON.stringify(value).slice(1, -1),
  ]) {
    const start = form.slice(0, minimumLength)
    if (known.has(form)) continue
    known.add(form)
    const forms = formsByStart.get(start) ?? []
    forms.splice(placeOf(form.length, forms), 0, form)
    formsByStart.set(start, forms)
    starts[startOf(form, 0)] = 1
  }
}

/** Where a form of that length belongs, by halving: thousands of secrets can begin alike, as tokens do. */
function placeOf(length: number, forms: readonly string[]): number {
  let from = 0
  let to = forms.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((forms[middle]?.length ?? 0) >= length) from = middle + 1
    else to = middle
  }
  return from
}
