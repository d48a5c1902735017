// A clock that stands still until it is moved. Invariant: `monotonicMs` never goes back, and no alarm's moment is passed without
// the alarm ringing at it.

import { invariant } from '../errors/index.ts'
import type { Clock } from '../ports/index.ts'

/** Something that rings at moments of a manual clock. */
export interface Alarm {
  /** The next moment in `monotonicMs`, or `undefined` where there is none. */
  nextAt(): number | undefined
  /** Called when the clock stands at that moment. */
  ring(): void
}

/** A clock that is moved by hand. */
export interface ManualClock extends Clock {
  /** Moves time on by so many milliseconds (0 or more); alarms on the way ring at their moments, in order. */
  advance(ms: number): void
  /** Sets the time of day (milliseconds since 1970) as a correction of the system clock does, both ways; durations and alarms do not notice. */
  setNow(ms: number): void
  /** Adds an alarm. */
  addAlarm(alarm: Alarm): void
}

/**
 * Creates a clock that is moved by hand.
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
      invariant(ms >= 0, `time is moved on by ${ms} ms`)
      const target = monotonic + ms
      for (let next = nextAlarm(); next !== undefined && next.at <= target; next = nextAlarm()) {
        moveTo(next.at)
        next.alarm.ring()
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
