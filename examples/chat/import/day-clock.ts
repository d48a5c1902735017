// Tells when a line was said, from a clock that shows hours and minutes and may be a 12-hour one. Invariant: the time never
// goes backwards and never leaves the day.

const minuteMs = 60_000
const halfDay = 12 * 60

/** The clock of one day's log. */
export interface DayClock {
  /**
   * The moment of the next line, in milliseconds since 1970. `minute` is what the line's clock shows, in minutes since midnight;
   * a line without a time is given the time of the line before, the first one midnight.
   */
  next(minute: number | undefined): number
}

/**
 * The clock of a day such as `2010-08-17`. What a line shows is taken as it is; where that would step back, it is an afternoon on
 * a 12-hour clock and 12 hours are added. Where even that steps back, or leaves the day, the line has the time of the line before.
 */
export function dayClock(day: string): DayClock {
  const midnight = Date.parse(`${day}T00:00:00.000Z`)
  let now = 0
  return {
    next(minute) {
      if (minute !== undefined)
        now = [minute, minute + halfDay].find((shown) => shown >= now && shown < 2 * halfDay) ?? now
      return midnight + now * minuteMs
    },
  }
}
