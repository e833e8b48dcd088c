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

const DAY = /^\d{4}-\d{2}-\d{2}$/
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/

/** The day that counts as "today", `YYYY-MM-DD`. Throws `INVALID_DATASET` on an unusable option. */
export function resolveToday(options: TodayOptions): string {
  if (options.today !== undefined) return requireDay(options.today, 'today')
  const zone = options.timeZone ?? 'UTC'
  const { scheduledStart } = options
  const instant = scheduledStart == null ? (options.clock?.() ?? new Date()) : parse(scheduledStart)
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
  if (typeof value !== 'string' || !DAY.test(value) || value.startsWith('0000')) return false
  const date = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === value
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
