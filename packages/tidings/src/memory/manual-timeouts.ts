// Timeouts on a manual clock: the same calls run the same callbacks in the same order, every time. Invariant: callbacks of `after` run in
// the order of their moments; callbacks of `soon`, and those of one moment, run in the order in which they were added.

import { invariant, TidingsError } from '../errors/index.ts'
import type { Timeouts } from '../ports/index.ts'
import type { ManualClock } from './manual-clock.ts'

/** Options of manual timeouts. */
export interface ManualTimeoutsOptions {
  /**
   * Resolves when all pending promise jobs have run. Default: waits for 256 promise jobs, which works on every platform. If a callback
   * leads to longer chains of `await`, pass a function that waits exactly: `() => new Promise((resolve) => setImmediate(resolve))`.
   */
  readonly rest?: () => Promise<void>
  /**
   * The most callbacks that one call of `advance` or `runUntil` may run at one moment of the clock. More callbacks mean an endless loop in
   * which time never advances: the call throws `TIMED_OUT`. Default: 1,000,000.
   */
  readonly callbacksMax?: number
}

/** Timeouts that tests drive. */
export interface ManualTimeouts extends Timeouts {
  /** Advances the clock by `ms` and runs the callbacks on the way; lets all promise jobs finish before, between and after them. */
  advance(ms: number): Promise<void>
  /**
   * Waits for some work and returns its outcome; advances the clock from callback to callback whenever nothing else is left to run.
   *
   * Throws `TIMED_OUT` if no callback is left, if `limitMs` of the clock's time (default: 86,400,000, a day) have passed, or if more than
   * `callbacksMax` callbacks run at one moment.
   */
  runUntil<T>(work: Promise<T>, limitMs?: number): Promise<T>
  /**
   * Moves the clock at once and runs nothing: callbacks due within `withinMs` are put off by as long. Stops before the first callback that
   * is due later; returns how far it moved. For idle time: callbacks that only look whether there is something to do need not run.
   */
  skip(ms: number, withinMs: number): number
  /** The number of pending callbacks of `after`. */
  readonly waiting: number
}

interface Timer {
  at: number
  readonly run: () => void
}

const delayMsMax = 2 ** 31 - 1
const dayMs = 86_400_000

/** Creates timeouts on a manual clock. */
export function createManualTimeouts(clock: ManualClock, options: ManualTimeoutsOptions = {}): ManualTimeouts {
  const { rest = () => promiseJobs(256), callbacksMax = 1_000_000 } = options
  const timers: Timer[] = []
  let queue: (() => void)[] = []
  let pumping = false
  let moment = 0
  let callbacks = 0

  async function pump(): Promise<void> {
    if (pumping) return
    pumping = true
    try {
      while (queue.length > 0 && !isOverrun()) {
        await rest()
        const due = queue
        queue = []
        callbacks += due.length
        for (const run of due) run()
      }
    } finally {
      pumping = false
    }
  }

  /** Resolves when neither promise jobs nor `soon` callbacks are left. */
  async function settle(): Promise<void> {
    do {
      await rest()
      refuseOverrun()
      void pump()
    } while (queue.length > 0 || pumping)
  }

  function isOverrun(): boolean {
    if (clock.monotonicMs() !== moment) {
      moment = clock.monotonicMs()
      callbacks = 0
    }
    return callbacks > callbacksMax
  }

  function refuseOverrun(): void {
    if (!isOverrun()) return
    throw new TidingsError(
      'TIMED_OUT',
      `More than ${callbacksMax} callbacks ran at one moment of the clock; this looks like an endless loop.`,
    )
  }

  clock.addAlarm({
    nextAt: () => timers[0]?.at,
    run: () => {
      refuseOverrun()
      callbacks++
      timers.shift()?.run()
    },
  })

  async function advance(ms: number): Promise<void> {
    callbacks = 0
    const target = clock.monotonicMs() + ms
    await settle()
    for (let at = timers[0]?.at; at !== undefined && at <= target; at = timers[0]?.at) {
      step(at)
      await settle()
    }
    clock.advance(Math.max(0, target - clock.monotonicMs()))
  }

  /** Advances to the moment of the first timer, and runs only the timers of that moment. */
  function step(at: number): void {
    clock.advance(Math.max(0, at - clock.monotonicMs()))
  }

  return {
    get waiting() {
      return timers.length
    },
    after: (delayMs, run) => {
      invariant(delayMs <= delayMsMax, `a delay of ${delayMs} ms is at most 2^31-1`)
      const timer: Timer = { at: clock.monotonicMs() + Math.max(0, delayMs), run }
      const index = timers.findIndex(({ at }) => at > timer.at)
      timers.splice(index < 0 ? timers.length : index, 0, timer)
      return () => {
        const place = timers.indexOf(timer)
        if (place >= 0) timers.splice(place, 1)
      }
    },
    soon: (run) => {
      queue.push(run)
      void pump()
    },
    advance,
    skip: (ms, withinMs) => {
      const now = clock.monotonicMs()
      const later = timers.find(({ at }) => at > now + withinMs)
      const moveMs = Math.max(0, later === undefined ? ms : Math.min(ms, later.at - now - 1))
      for (const timer of timers) if (timer !== later && timer.at <= now + withinMs) timer.at += moveMs
      timers.sort((a, b) => a.at - b.at)
      clock.advance(moveMs)
      return moveMs
    },
    runUntil: async (work, limitMs = dayMs) => {
      callbacks = 0
      const deadline = clock.monotonicMs() + limitMs
      let done = false
      const finish = () => {
        done = true
      }
      work.then(finish, finish)
      for (;;) {
        await settle()
        if (done) return work
        const at = timers[0]?.at
        if (at === undefined)
          throw new TidingsError('TIMED_OUT', 'No callback is left to run, and the work is not done.')
        if (at > deadline)
          throw new TidingsError('TIMED_OUT', `The work is not done after ${limitMs} ms of clock time.`)
        step(at)
      }
    },
  }
}

async function promiseJobs(count: number): Promise<void> {
  for (let job = 0; job < count; job++) await undefined
}
