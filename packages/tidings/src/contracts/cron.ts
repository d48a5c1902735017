// Recurring times as cron expressions: minute, hour, day of month, month, day of week, in a time zone, as in crontab(5).
// Invariant: when daylight saving begins or ends, no occurrence is lost or doubled. If the clock skips a time of day, it is due right after
// the skip. If a time of day occurs twice, it is due only the first time. An expression for every hour, or every n hours, counts elapsed
// hours.

import { TidingsError } from '../errors/index.ts'
import { instantsOf, localTimeOf, steadyOffsetOf } from './time-zone.ts'

/** A parsed cron expression. */
export interface Cron {
  /** The first occurrence after `afterMs`; both in milliseconds since 1970. Throws `INVALID_PAYLOAD` if there is none. */
  next(afterMs: number): number
}

interface Fields {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  /** Whether both the day of month and the day of week are restricted. If so, a day has to match only one of them. */
  readonly either: boolean
  /** Whether the hour field starts with `*`. If so, occurrences follow elapsed time, not the wall clock. */
  readonly everyHour: boolean
  /** A cache of the occurrences on days when the clock may change, by day. */
  readonly changingDays: Map<number, readonly number[]>
}

const dayMs = 86_400_000
const minuteMs = 60_000
/** The most days in the cache. */
const changingDaysMax = 8
/**
 * How many days `next` searches. 29 February on a given weekday recurs within 40 years: if nothing has occurred by then, nothing ever does.
 */
const daysSearchedMax = 366 * 41
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/**
 * Parses a cron expression: numbers, lists, ranges, steps, and the names of months and weekdays (`30 9 * * mon-fri`).
 *
 * @param timeZone - an IANA name such as `Europe/Berlin`. Default: `UTC`.
 *
 * Throws `INVALID_PAYLOAD` if the expression or the zone is not valid. If an expression never occurs (31 February), `next` throws.
 */
export function parseCron(expression: string, timeZone = 'UTC'): Cron {
  const parts = typeof expression === 'string' ? expression.trim().split(/\s+/) : []
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = parts
  if (parts.length !== 5) throw unreadable(expression, `it has ${parts.length} fields instead of 5`)
  const read = (text: string, name: string, from: number, to: number, names: readonly string[] = []) =>
    readField(expression, text, { name, from, to, names })
  const weekdays = read(weekday, 'day of week', 0, 7, weekdayNames).map((number) => number % 7)
  const fields: Fields = {
    minutes: read(minute, 'minute', 0, 59),
    hours: read(hour, 'hour', 0, 23),
    days: new Set(read(day, 'day of month', 1, 31)),
    months: new Set(read(month, 'month', 1, 12, monthNames)),
    weekdays: new Set(weekdays),
    either: !day.startsWith('*') && !weekday.startsWith('*'),
    everyHour: hour.startsWith('*'),
    changingDays: new Map(),
  }
  localTimeOf(0, timeZone)
  return { next: (afterMs) => nextOccurrence(expression, fields, timeZone, afterMs) }
}

function nextOccurrence(expression: string, fields: Fields, timeZone: string, afterMs: number): number {
  const local = localTimeOf(afterMs, timeZone)
  // Days of the wall clock, counted from 1970 as if the zone were UTC.
  const firstDay = Math.floor(local / dayMs) - 1
  for (let day = firstDay; day < firstDay + daysSearchedMax; day++) {
    if (!isDayOf(fields, day)) continue
    const due = firstWithin(fields, timeZone, day, afterMs)
    if (due !== undefined) return due
  }
  throw unreadable(expression, 'it never occurs')
}

function isDayOf({ days, months, weekdays, either }: Fields, day: number): boolean {
  const date = new Date(day * dayMs)
  if (!months.has(date.getUTCMonth() + 1)) return false
  const byDay = days.has(date.getUTCDate())
  const byWeekday = weekdays.has(date.getUTCDay())
  return either ? byDay || byWeekday : byDay && byWeekday
}

// The first occurrence after `afterMs` on one day of the wall clock.
function firstWithin(fields: Fields, timeZone: string, day: number, afterMs: number): number | undefined {
  const offset = steadyOffsetOf(day * dayMs, timeZone)
  // The fast path for days without a clock change: after weeks of downtime there are thousands of occurrences to count.
  if (offset === undefined) {
    const { changingDays } = fields
    const due = changingDays.get(day) ?? dueOnChangingDay(fields, timeZone, day)
    if (changingDays.size >= changingDaysMax) changingDays.clear()
    changingDays.set(day, due)
    return due.find((instant) => instant > afterMs)
  }
  for (const hour of fields.hours) {
    const start = day * dayMs + hour * 60 * minuteMs - offset
    if (start + 60 * minuteMs <= afterMs) continue
    for (const minute of fields.minutes) if (start + minute * minuteMs > afterMs) return start + minute * minuteMs
  }
  return undefined
}

// When the clock is turned back, occurrences are not in the order of wall times, so this collects all of them and sorts.
function dueOnChangingDay({ hours, minutes, everyHour }: Fields, timeZone: string, day: number): readonly number[] {
  const due: number[] = []
  for (const hour of hours) {
    for (const minute of minutes) {
      const { instants, skipped } = instantsOf(day * dayMs + (hour * 60 + minute) * minuteMs, timeZone)
      due.push(...(everyHour ? (skipped ? [] : instants) : instants.slice(0, 1)))
    }
  }
  return due.sort((one, other) => one - other)
}

interface FieldShape {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly names: readonly string[]
}

function readField(expression: string, text: string, shape: FieldShape): number[] {
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(part) ?? []
    const every = step === undefined ? 1 : Number(step)
    const ends = endsOf(range, shape, step !== undefined)
    if (ends === undefined || every < 1)
      throw unreadable(
        expression,
        `${JSON.stringify(part.slice(0, 60))} is not a ${shape.name} from ${shape.from} to ${shape.to}`,
      )
    for (let value = ends[0]; value <= ends[1]; value += every) values.add(value)
  }
  return [...values].sort((a, b) => a - b)
}

function endsOf(range: string, shape: FieldShape, stepped: boolean): readonly [number, number] | undefined {
  if (range === '*') return [shape.from, shape.name === 'day of week' ? 6 : shape.to]
  const [first, last, ...more] = range.split('-').map((word) => numberOf(word, shape))
  if (first === undefined || more.length > 0 || (range.includes('-') && last === undefined)) return undefined
  // "5/15" means "5-59/15".
  const end = last ?? (stepped ? shape.to : first)
  return first <= end ? [first, end] : undefined
}

function numberOf(word: string, { from, to, names }: FieldShape): number | undefined {
  const place = names.indexOf(word.toLowerCase())
  const number = place >= 0 ? place + from : /^\d{1,2}$/.test(word) ? Number(word) : undefined
  return number !== undefined && number >= from && number <= to ? number : undefined
}

function unreadable(expression: unknown, why: string): TidingsError {
  const shown = typeof expression === 'string' ? JSON.stringify(expression.slice(0, 60)) : typeof expression
  return new TidingsError('INVALID_PAYLOAD', `The cron expression ${shown} is not valid: ${why}.`, {
    hint: 'Write minute, hour, day of month, month and day of week, such as "30 9 * * mon-fri".',
  })
}
