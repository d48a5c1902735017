// A timeouts on a manual clock: the same calls give the same order of callbacks, every time. Invariant: callbacks of `after` run in
// the order of their moments, and of their calls where the moments are equal; callbacks of `soon` in the order of their calls.

import { invariant, TidingsError } from '../errors/index.ts'
import type { Timeouts } from '../ports/index.ts'
import type { ManualClock } from './manual-clock.ts'

/** How a manual timeouts works. */
export interface ManualTimeoutsOptions {
  /**
   * Resolves when the promise jobs that are due have come to rest. Default: after 256 turns of the promise queue, which needs nothing of
   * the platform; where one callback leads to longer chains of `await`, give one that is exact: `() => new Promise((resolve) => setImmediate(resolve))`.
   */
  readonly rest?: () => Promise<void>
  /**
   * The most callbacks that one call of `advance` or `runUntil` runs at one moment of the clock. With more of them something goes on for ever and
   * leaves no time to pass: the call throws `TIMED_OUT`. Default: 1,000,000.
   */
  readonly callbacksMax?: number
}

/** A timeouts that is driven by hand. */
export interface ManualTimeouts extends Timeouts {
  /** Moves the clock on by so many milliseconds; lets everything come to rest before, between and after the callbacks on the way. */
  advance(ms: number): Promise<void>
  /**
   * Gives the outcome of some work, moving the clock from callback to callback whenever everything else is at rest.
   *
   * Throws `TIMED_OUT` where nothing is scheduled any more, where `limitMs` (default: 86,400,000, a day) of the clock's time have passed, or where
   * more than `callbacksMax` callbacks run at one moment.
   */
  runUntil<T>(work: Promise<T>, limitMs?: number): Promise<T>
  /** How many callbacks of `after` are waiting. */
  readonly waiting: number
}

interface Timer {
  readonly at: number
  readonly run: () => void
}

const delayMsMax = 2 ** 31 - 1
const dayMs = 86_400_000

/** Creates a timeouts whose time is a manual clock's. */
export function createManualTimeouts(clock: ManualClock, options: ManualTimeoutsOptions = {}): ManualTimeouts {
  const { rest = () => turns(256), callbacksMax = 1_000_000 } = options
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
  async function atRest(): Promise<void> {
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
      `More than ${callbacksMax} callbacks ran at one moment of the clock: something goes on and on.`,
    )
  }

  clock.addAlarm({
    nextAt: () => timers[0]?.at,
    ring: () => {
      refuseOverrun()
      callbacks++
      timers.shift()?.run()
    },
  })

  async function advance(ms: number): Promise<void> {
    callbacks = 0
    const target = clock.monotonicMs() + ms
    await atRest()
    for (let at = timers[0]?.at; at !== undefined && at <= target; at = timers[0]?.at) {
      step(at)
      await atRest()
    }
    clock.advance(Math.max(0, target - clock.monotonicMs()))
  }

  /** Moves to the first timer's moment; only timers of that very moment run. */
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
    runUntil: async (work, limitMs = dayMs) => {
      callbacks = 0
      const deadline = clock.monotonicMs() + limitMs
      let done = false
      const finish = () => {
        done = true
      }
      work.then(finish, finish)
      for (;;) {
        await atRest()
        if (done) return work
        const at = timers[0]?.at
        if (at === undefined) throw new TidingsError('TIMED_OUT', 'Nothing is scheduled, and the work is not done.')
        if (at > deadline) throw new TidingsError('TIMED_OUT', `The work is not done after ${limitMs} ms of the clock.`)
        step(at)
      }
    },
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await undefined
}
