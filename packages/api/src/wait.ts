import type { Exchange } from './exchange.ts'

/** The longest wait that we choose ourselves, without jitter: all attempts then fit into the usual limit of a call. */
export const longestWaitMs = 10_000
/** Jitter is a part of the wait, or of this when the wait is shorter: a thousand clients need seconds to spread over. */
const jitterBaseMs = 20_000

/** What a wait is computed from. */
export interface WaitOptions {
  /** How many attempts have counted so far; those that met maintenance do not. */
  attempts: number
  /** Wait that the server asked for. */
  askedMs: number | undefined
  /** Whether the server was not even reached, which costs it nothing. */
  unreached: boolean
  jitterFactor: number
  /** From 0 up to 1. */
  random: number
  /** Milliseconds that are left of the call. */
  leftMs: number
}

/**
 * Milliseconds until the next attempt, or `undefined` when the call has no time for it. What the server
 * asked for, else 2, 4, 8, 10, 10 s (0.5, 1, 2, 4, 8 s when it was not reached); jitter comes on top.
 */
export function waitMs(options: WaitOptions): number | undefined {
  const { attempts, askedMs, unreached, jitterFactor, random, leftMs } = options
  const ownMs = Math.min((unreached ? 250 : 1000) * 2 ** attempts, longestWaitMs)
  const base = askedMs ?? ownMs
  if (base >= leftMs) return undefined
  const spread = Math.min(jitterFactor * Math.max(base, jitterBaseMs), (leftMs - base) / 2)
  return base + random * spread
}

/** Milliseconds that an answer's `Retry-After` asks for, `undefined` when it has none that can be read. */
export function retryAfterMs(headers: Exchange['headers'], now: number): number | undefined {
  const value = headers['retry-after']
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text)) return Math.max(0, Number(text) * 1000)
  const date = parseHttpDate(text)
  if (date === undefined) return undefined
  // The server's own clock when it tells it: ours may be off by hours.
  const served = headers['date']
  const from = (typeof served === 'string' ? parseHttpDate(served) : undefined) ?? now
  return Math.max(0, date - from)
}

const imfDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
const rfc850Date = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/
const asctimeDate = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/

/** The three forms of RFC 9110. `Date.parse` alone would take "soon 1" for a day in 2001. */
function parseHttpDate(text: string): number | undefined {
  const known = imfDate.test(text) || rfc850Date.test(text) || asctimeDate.test(text)
  const time = known ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}
