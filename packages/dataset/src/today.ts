import { DatasetError, describe } from './errors.ts'

/** Where "today" comes from; the first one given wins, in the order of this list. */
export interface TodayOptions {
  /** The day itself, `YYYY-MM-DD`. */
  today?: string | undefined
  /**
   * When the flow run was scheduled: an ISO 8601 instant with its offset, or a `Date`.
   * `null` (a run without one) counts as not given. The day is the one in `timeZone`.
   */
  scheduledStart?: string | Date | null | undefined
  /**
   * IANA name of the zone in which the day is counted.
   * @default 'UTC'
   */
  timeZone?: string | undefined
  /**
   * Tells the time when neither `today` nor `scheduledStart` is given.
   * @default () => new Date()
   */
  clock?: (() => Date) | undefined
}

const HYPHEN = 45
const FIRST = Date.parse('0001-01-01T00:00:00Z') - 86_400_000
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/

/** The day that counts as "today", `YYYY-MM-DD`. Throws `INVALID_DATASET` on an unusable option. */
export function resolveToday(options: TodayOptions): string {
  if (options.today !== undefined) return requireDay(options.today, 'today')
  const zone = options.timeZone ?? 'UTC'
  const { scheduledStart } = options
  const instant = scheduledStart == null ? (options.clock?.() ?? new Date()) : parse(scheduledStart)
  // Intl gives years before Christ as if they were after.
  if (!(instant.getTime() >= FIRST))
    throw invalid('scheduledStart or clock must be a time after the year 0')
  const parts = Object.fromEntries(
    formatter(zone)
      .formatToParts(instant)
      .map((part) => [part.type, part.value]),
  )
  return requireDay(
    `${parts['year']?.padStart(4, '0')}-${parts['month']}-${parts['day']}`,
    'scheduledStart or clock',
  )
}

/** Accepts a calendar day from 0001-01-01 to 9999-12-31 and nothing else. */
export function isDay(value: unknown): value is string {
  // By arithmetic: this is most of what making a dataset costs, and `Date` would be ten times as slow.
  if (typeof value !== 'string' || value.length !== 10) return false
  if (value.charCodeAt(4) !== HYPHEN || value.charCodeAt(7) !== HYPHEN) return false
  const year = digits(value, 0, 4)
  const month = digits(value, 5, 7)
  const day = digits(value, 8, 10)
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return false
  if (month !== 2)
    return day <= (month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31)
  return day <= (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28)
}

/** The number in that part of the text; NaN when there is anything but digits. */
function digits(text: string, start: number, end: number): number {
  let number = 0
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    number = number * 10 + digit
  }
  return number
}

function requireDay(value: unknown, option: string): string {
  if (isDay(value)) return value
  throw invalid(`${option} must be a day like "2013-01-01", got ${describe(value)}`)
}

function parse(value: string | Date): Date {
  const date = value instanceof Date ? value : new Date(INSTANT.test(value) ? value : Number.NaN)
  if (!Number.isNaN(date.getTime())) return date
  throw invalid(
    `scheduledStart must be an instant with its offset, like "2013-01-01T06:00:00Z", got ${describe(value)}`,
  )
}

function formatter(timeZone: string): Intl.DateTimeFormat {
  // Intl also takes offsets like "+02:00", which Python's zoneinfo does not know.
  if (/^[A-Za-z]/.test(timeZone)) {
    try {
      return new Intl.DateTimeFormat('en-US', {
        calendar: 'gregory',
        numberingSystem: 'latn',
        timeZone,
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
      })
    } catch {
      // Falls through to the error below.
    }
  }
  throw invalid(
    `timeZone must be an IANA name like "UTC" or "Europe/Berlin", got ${describe(timeZone)}`,
  )
}

function invalid(reason: string): DatasetError {
  return new DatasetError(`Cannot tell which day is today: ${reason}.`, { code: 'INVALID_DATASET' })
}
