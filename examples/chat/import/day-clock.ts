// Computes the time of each line from a clock with hours and minutes, which may be a 12-hour clock. Invariant: the time never goes backwards
// and never leaves the day.

const minuteMs = 60_000
const halfDay = 12 * 60

/** The clock of one day's log. */
export interface DayClock {
  /**
   * The time of the next line, in milliseconds since 1970. `minute` is the time in the line, in minutes since midnight. A line without a
   * time gets the time of the line before; the first one gets midnight.
   */
  next(minute: number | undefined): number
}

/**
 * The clock of a day such as `2010-08-17`. The time in a line is used as it is. If that would go backwards, it is an afternoon on a 12-hour
 * clock, and 12 hours are added. If even that goes backwards or leaves the day, the line gets the time of the line before.
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
