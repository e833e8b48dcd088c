import type { Secret } from '@prefect-ts/api'

// Numbers that JSON does not have, but Python's json reads; strings go first, so that none is looked into.
const tokens = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g
const specials: Readonly<Record<string, number>> = {
  NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
}
const marker = '\u0000prefect-ts:'

/**
 * The value of a secret as Python's `Secret.get()` gives it: a string that is JSON is parsed, any
 * other string is the value itself. So `"123"` becomes the number 123, `"true"` becomes true, `{"a":1}`
 * an object; `reveal()` has the string as it was saved. An integer that a JavaScript number cannot hold
 * becomes a bigint; `NaN` and `Infinity` are read as Python reads them.
 *
 * @example
 * const { value } = (await loadBlock('secret/warehouse', { client })).data
 * const { user, password } = secretValue(value) as { user: string; password: string }
 */
export function secretValue(secret: Secret): unknown {
  const text = secret.reveal()
  try {
    const marked = text.replaceAll(tokens, (token) =>
      Object.hasOwn(specials, token) ? JSON.stringify(marker + token) : token,
    )
    return JSON.parse(marked, revive) as unknown
  } catch {
    return text
  }
}

function revive(
  this: unknown,
  _key: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  if (typeof value === 'string' && value.startsWith(marker)) {
    return specials[value.slice(marker.length)] ?? value
  }
  if (typeof value !== 'number' || context?.source === undefined) return value
  if (!/^-?\d+$/.test(context.source)) return value
  // Python's int has no -0.
  return Number.isSafeInteger(value) ? value + 0 || 0 : BigInt(context.source)
}
