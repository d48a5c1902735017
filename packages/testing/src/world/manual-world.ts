// Everything that is not deterministic, created from one seed: time, ids, random numbers, the order of calls; with log lines and the trace.
// Invariant: time advances only when nothing else can happen.

import { createManualClock, createManualTimeouts, createSeededRandom, createSequentialIds } from 'tidings/memory'
import type { CommitUnit, Environment, LogLine } from 'tidings/ports'
import { LateCalls } from './answer-later.ts'

/** A world whose time advances only on demand. */
export interface ManualWorld {
  readonly environment: Environment
  /** What happened, in order; the same seed gives the same lines. */
  readonly trace: string[]
  readonly log: readonly LogLine[]
  note(service: string, what: string): void
  /** The result of some work; the clock advances from timer to timer while the work waits for nothing but time. */
  drive<T>(work: Promise<T>, limitMs?: number): Promise<T>
  /** Advances the clock by so many milliseconds; everything that comes due happens at its time. */
  advance(ms: number): Promise<void>
  /** Moves the clock at once, while nothing but looking again every `withinMs` would happen; returns how far it moved (see `ManualTimeouts.skip`). */
  skip(ms: number, withinMs: number): Promise<number>
  /** Sets the time of day, as a correction of the system clock does; durations and timeouts are not affected. */
  setNow(ms: number): void
  /** Runs work of a driver outside of simulated time (files, sockets, threads); time stands still until it is done. */
  outside<T>(work: Promise<T>): Promise<T>
  /** Whether work outside took so long that time went on without it: what failed then may be the slowness of the machine. */
  readonly tooSlow: boolean
  /** Calls of an engine that answers later; the seed decides how late. */
  readonly late: LateCalls
  /** Waits for some turns of the promise queue; the seed decides how many. */
  interleave(): Promise<void>
}

const turnsMax = 4
const defaultOutsideMsMax = 5_000

/**
 * Creates a world. `interleaved`: whether the seed decides how the services' work interleaves; `callbacksMax`: how many callbacks of timeouts
 * may run at one moment; `outsideMsMax`: how long time waits for work outside, in milliseconds of real time.
 */
export function createManualWorld(
  seed: number,
  start: Date | undefined,
  interleaved: boolean,
  callbacksMax = 1_000_000,
  outsideMsMax = defaultOutsideMsMax,
): ManualWorld {
  const clock = createManualClock(start?.getTime())
  const outside = new Set<Promise<unknown>>()
  const late = new LateCalls(createSeededRandom(seed ^ 0x1a7e))
  let soonCount = 0
  // One turn of the event loop lets all promise jobs run. Work outside takes longer, unless it waits for a `soon` callback itself.
  let tooSlow = false
  const rest = async () => {
    do await late.rest()
    while (outside.size > 0 && soonCount === 0 && (await anyEnds(outside, outsideMsMax)))
    if (outside.size > 0 && soonCount === 0) tooSlow = true
  }
  const timeouts = createManualTimeouts(clock, { rest, callbacksMax })
  const chance = createSeededRandom(seed)
  const turns = createSeededRandom(seed ^ 0x5eed)
  const trace: string[] = []
  const log: LogLine[] = []
  const note = (service: string, what: string) => {
    trace.push(`+${clock.monotonicMs()} ms ${service}: ${what}`)
  }
  const environment: Environment = {
    clock,
    timeouts: {
      after: timeouts.after,
      soon: (run) => {
        soonCount++
        timeouts.soon(() => {
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

  // Only one caller at a time advances the clock, and the others wait. If their work is not done when it stops, one of them takes over.
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
    environment,
    get tooSlow() {
      return tooSlow
    },
    trace,
    log,
    note,
    late,
    drive: async (work, limitMs) => {
      let settled = false
      const settle = () => {
        settled = true
      }
      work.then(settle, settle)
      while (driving !== undefined && !settled) await Promise.race([work, driving]).catch(() => {})
      return settled ? work : alone(() => timeouts.runUntil(work, limitMs))
    },
    advance: async (ms) => {
      while (driving !== undefined) await driving.catch(() => {})
      return alone(() => timeouts.advance(ms))
    },
    skip: async (ms, withinMs) => {
      while (driving !== undefined) await driving.catch(() => {})
      return timeouts.skip(ms, withinMs)
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

// Whether some outside work has ended; false if all of it takes so long that it may be waiting for simulated time.
function anyEnds(outside: ReadonlySet<Promise<unknown>>, outsideMsMax: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), outsideMsMax)
    void Promise.race(outside).then(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
