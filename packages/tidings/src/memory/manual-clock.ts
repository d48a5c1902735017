// A clock that moves only when you tell it to. Invariant: `monotonicMs` never goes back, and the clock stops at the moment of each alarm
// and runs it.

import { invariant } from '../errors/index.ts'
import type { Clock } from '../ports/index.ts'

/** A callback that runs at moments of a manual clock. */
export interface Alarm {
  /** When to run next, in `monotonicMs`; `undefined` if never. */
  nextAt(): number | undefined
  /** Called when the clock has reached that moment. */
  run(): void
}

/** A clock that tests move. */
export interface ManualClock extends Clock {
  /** Advances time by `ms` (0 or more); runs the alarms on the way at their moments, in order. */
  advance(ms: number): void
  /** Sets the time of day (milliseconds since 1970), forwards or backwards, like a correction of the system clock. Does not affect `monotonicMs` and alarms. */
  setNow(ms: number): void
  /** Adds an alarm. */
  addAlarm(alarm: Alarm): void
}

/**
 * Creates a clock that moves only when you tell it to.
 *
 * @param startMs - the time of day at the start, in milliseconds since 1970. Default: 2026-01-01T00:00:00Z.
 */
export function createManualClock(startMs = 1_767_225_600_000): ManualClock {
  const alarms: Alarm[] = []
  let now = startMs
  let monotonic = 0

  function moveTo(moment: number): void {
    const ms = Math.max(0, moment - monotonic)
    now += ms
    monotonic += ms
  }

  function nextAlarm(): { readonly alarm: Alarm; readonly at: number } | undefined {
    let next: { alarm: Alarm; at: number } | undefined
    for (const alarm of alarms) {
      const at = alarm.nextAt()
      if (at !== undefined && (next === undefined || at < next.at)) next = { alarm, at }
    }
    return next
  }

  return {
    now: () => now,
    monotonicMs: () => monotonic,
    advance: (ms) => {
      invariant(ms >= 0, `time advances by ${ms} ms, which is not negative`)
      const target = monotonic + ms
      for (let next = nextAlarm(); next !== undefined && next.at <= target; next = nextAlarm()) {
        moveTo(next.at)
        next.alarm.run()
      }
      moveTo(target)
    },
    setNow: (ms) => {
      now = ms
    },
    addAlarm: (alarm) => {
      alarms.push(alarm)
    },
  }
}
