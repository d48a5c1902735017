// Everything that is not deterministic, in one value made from a seed: time, ids, chance, the order of things, log lines and the trace.
// Invariant: time moves only when nothing else can.

import { createManualClock, createManualScheduler, createSeededRandom, createSequentialIds } from 'tidings/memory'
import type { CommitUnit, LogLine } from 'tidings/ports'
import type { Host } from 'tidings/runtime'

/** A world that is driven by hand. */
export interface ManualWorld {
  readonly host: Host
  /** What happened, in order; the same seed gives the same lines. */
  readonly trace: string[]
  readonly log: readonly LogLine[]
  note(service: string, what: string): void
  /** Gives the outcome of some work; moves the clock from timer to timer while the work waits for time alone. */
  drive<T>(work: Promise<T>, limitMs?: number): Promise<T>
  /** Moves the clock on by so many milliseconds; everything on the way happens at its time. */
  advance(ms: number): Promise<void>
  /** Sets the time of day, as a correction of the system clock does; durations and timers of the scheduler do not notice. */
  setNow(ms: number): void
  /** Work that a driver does outside of the session's time (files, sockets, threads): time stands still until it is done. */
  outside<T>(work: Promise<T>): Promise<T>
  /** A pause of as many promise turns as the seed says. */
  interleave(): Promise<void>
}

const turnsMax = 4
const outsideMsMax = 5_000

/**
 * Makes a world. `interleaved`: whether the seed decides how the services' work interleaves; `callbacksMax`: how many of the scheduler's callbacks
 * may run at one moment.
 */
export function createManualWorld(
  seed: number,
  start: Date | undefined,
  interleaved: boolean,
  callbacksMax = 1_000_000,
): ManualWorld {
  const clock = createManualClock(start?.getTime())
  const outside = new Set<Promise<unknown>>()
  let soonCount = 0
  // One turn of the event loop lets all promise jobs run. Work outside takes longer, unless it waits for a `soon` callback itself.
  const rest = async () => {
    do await new Promise<void>((resolve) => setImmediate(resolve))
    while (outside.size > 0 && soonCount === 0 && (await anyEnds(outside)))
  }
  const scheduler = createManualScheduler(clock, { rest, callbacksMax })
  const chance = createSeededRandom(seed)
  const turns = createSeededRandom(seed ^ 0x5eed)
  const trace: string[] = []
  const log: LogLine[] = []
  const note = (service: string, what: string) => {
    trace.push(`+${clock.monotonicMs()} ms ${service}: ${what}`)
  }
  const host: Host = {
    clock,
    scheduler: {
      after: scheduler.after,
      soon: (run) => {
        soonCount++
        scheduler.soon(() => {
          soonCount--
          run()
        })
      },
    },
    ids: createSequentialIds(),
    random: chance,
    log: (line) => {
      log.push(line)
      note(line.service ?? 'the system', `${line.level} ${line.message}`)
    },
  }

  // One at a time moves the clock; who else waits is served by it, and takes over when it is done.
  let driving: Promise<unknown> | undefined
  async function alone<T>(move: () => Promise<T>): Promise<T> {
    const own = move()
    driving = own
    try {
      return await own
    } finally {
      driving = undefined
    }
  }
  return {
    host,
    trace,
    log,
    note,
    drive: async (work, limitMs) => {
      let settled = false
      const settle = () => {
        settled = true
      }
      work.then(settle, settle)
      while (driving !== undefined && !settled) await Promise.race([work, driving]).catch(() => {})
      return settled ? work : alone(() => scheduler.runUntil(work, limitMs))
    },
    advance: async (ms) => {
      while (driving !== undefined) await driving.catch(() => {})
      return alone(() => scheduler.advance(ms))
    },
    setNow: (ms) => clock.setNow(ms),
    outside: (work) => {
      const tracked: Promise<unknown> = work.then(
        () => outside.delete(tracked),
        () => outside.delete(tracked),
      )
      outside.add(tracked)
      return work
    },
    interleave: async () => {
      if (!interleaved) return
      for (let left = Math.floor(turns.next() * turnsMax); left > 0; left--) await undefined
    },
  }
}

/** A unit of work in a few words, for the trace. */
export function describeUnit({ rows, appends, events }: CommitUnit): string {
  const facts = appends.flatMap(({ category, stream, expectedVersion, facts }) =>
    facts.map(({ type }, index) => `fact ${category}/${stream}@${expectedVersion + index + 1} ${type}`),
  )
  const published = events.map(({ type, key, id }) => `event ${type} ${key} ${id}`)
  return [`commits ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`, ...facts, ...published].join(', ')
}

// Whether some work outside has ended; false where all of it takes so long that it may be waiting for the session's time.
function anyEnds(outside: ReadonlySet<Promise<unknown>>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), outsideMsMax)
    void Promise.race(outside).then(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
