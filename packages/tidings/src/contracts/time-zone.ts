// Converts between moments and wall times of time zones, with the platform's data (Intl). A wall time is written as milliseconds since
// 1970, as if its zone were UTC. Invariant: no answer depends on the zone of the machine.

import { shownValue, TidingsError } from '../errors/index.ts'

const dayMs = 86_400_000
/** The largest value of a `Date`, in milliseconds. */
const momentMax = 8_640_000_000_000_000
const clocks = new Map<string, Intl.DateTimeFormat>()
/** The most formatters in the cache; about 600 zone names exist. */
const clocksMax = 1_000

/** The wall time of a moment in a zone; throws `INVALID_PAYLOAD` if the zone is unknown or a `Date` cannot hold the moment. */
export function localTimeOf(ms: number, timeZone: string): number {
  const clock = clockOf(timeZone)
  if (!(Math.abs(ms) <= momentMax))
    throw new TidingsError('INVALID_PAYLOAD', `${ms} ms is outside the range of a Date.`)
  const parts: Record<string, number> = {}
  let beforeChrist = false
  for (const { type, value } of clock.formatToParts(ms)) {
    if (type === 'era') beforeChrist = value.startsWith('B')
    else parts[type] = Number(value)
  }
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  // The year is set separately, because Date.UTC reads the years 0 to 99 as 1900 to 1999.
  const wall = new Date(Date.UTC(2000, month - 1, day, hour, minute, second))
  wall.setUTCFullYear(beforeChrist ? 1 - year : year, month - 1, day)
  return wall.getTime() + (((ms % 1_000) + 1_000) % 1_000)
}

/** The zone's offset from UTC in milliseconds throughout a day of its wall clock; `undefined` if it may change that day. */
export function steadyOffsetOf(dayStart: number, timeZone: string): number | undefined {
  const [before, after] = [dayStart - dayMs, dayStart + 2 * dayMs]
  const offset = localTimeOf(before, timeZone) - before
  return localTimeOf(after, timeZone) - after === offset ? offset : undefined
}

/** The moments at which a zone's clock shows a wall time. */
export interface Instants {
  /**
   * The moments, earliest first. If the clock is turned back over the wall time, there are two. If the clock skips it, there is one: right
   * after the skip.
   */
  readonly instants: readonly number[]
  /** Whether the clock skips the wall time. */
  readonly skipped: boolean
}

/** Finds the moments of a wall time. */
export function instantsOf(wall: number, timeZone: string): Instants {
  // The offsets a day before and a day after; between the two, a zone changes its clock at most once.
  const before = localTimeOf(wall - dayMs, timeZone) - (wall - dayMs)
  const after = localTimeOf(wall + dayMs, timeZone) - (wall + dayMs)
  const instants = [...new Set([wall - before, wall - after])]
    .filter((instant) => localTimeOf(instant, timeZone) === wall)
    .sort((a, b) => a - b)
  if (instants.length > 0) return { instants, skipped: false }
  return {
    instants: [changeBetween(wall - Math.max(before, after), wall - Math.min(before, after), timeZone)],
    skipped: true,
  }
}

// The moment of a clock change between two moments, by bisection.
function changeBetween(from: number, to: number, timeZone: string): number {
  const offset = (ms: number) => localTimeOf(ms, timeZone) - ms
  const old = offset(from)
  let [low, high] = [from, to]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offset(middle) === old) low = middle
    else high = middle
  }
  return high
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone)
  if (known !== undefined) return known
  try {
    const clock = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    if (clocks.size < clocksMax) clocks.set(timeZone, clock)
    return clock
  } catch (cause) {
    throw new TidingsError('INVALID_PAYLOAD', `${shownValue(timeZone)} is not a known time zone.`, {
      cause,
      hint: 'Use an IANA name such as "Europe/Berlin" or "UTC".',
    })
  }
}
