// Waits until everything has settled: every subscription has reached its source's head, and no retry is pending. Parked events do not count.

import type { Timeouts } from 'tidings/ports'
import type { ServiceRuntime, SubscriptionLoop } from 'tidings/runtime'
import type { ServiceRun } from './service-run.ts'

/** Resolves when nothing is left to do or `enough` returns true; meanwhile calls `busyWith` with what is still busy. */
export async function untilSettled(
  runs: () => readonly ServiceRun[],
  timeouts: Timeouts,
  busyWith: (why: string) => void,
  enough: () => boolean,
  lookAgainMs = 100,
): Promise<void> {
  for (let looks = 0; !enough(); looks++) {
    const busy = await firstBusy(runs())
    if (busy === undefined) return
    busyWith(busy.why)
    if (busy.subscription !== undefined) looks = 0
    await newsOrTimeout(timeouts, busy.subscription, Math.min(lookAgainMs, waitMsOf(busy, looks, lookAgainMs)))
  }
}

/**
 * If something sends no notice of its progress, it is checked again after this time, which is short so that the clock hardly advances; and after ever
 * longer times if it takes long, such as until an instance that has died is replaced.
 */
const lookSoonMs = 1
/** How often it is checked soon. */
const looksSoon = 32

function waitMsOf({ subscription }: Busy, looks: number, lookAgainMs: number): number {
  return subscription === undefined ? lookSoonMs * 2 ** Math.max(0, looks - looksSoon) : lookAgainMs
}

function newsOrTimeout(timeouts: Timeouts, subscription: SubscriptionLoop | undefined, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = timeouts.after(waitMs, () => settle())
    const stop = subscription?.moved.listen(() => settle())
    const settle = () => {
      cancel()
      stop?.()
      resolve()
    }
  })
}

/** What is still busy. */
export interface Busy {
  readonly why: string
  readonly subscription: SubscriptionLoop | undefined
}

/** The first thing that is still busy; `undefined` if only a timer, or something from outside, can make a difference. */
export async function firstBusy(runs: readonly ServiceRun[]): Promise<Busy | undefined> {
  for (const { runtime, lifetime } of runs) {
    if (!(await lifetime.unlessKilled(runtime.relayAtRest()).catch(() => false)))
      return { why: `the relay of ${runtime.name} is busy`, subscription: undefined }
    const rebuilt = runtime.status.readModels.find(({ rebuild }) => rebuild !== undefined)
    if (rebuilt !== undefined)
      return { why: `${rebuilt.name} of ${runtime.name} is being rebuilt`, subscription: undefined }
  }
  for (const { runtime, lifetime } of runs) {
    const rests = await lifetime.unlessKilled(runtime.scheduleAtRest()).catch(() => false)
    if (!rests) return { why: `timers or effects of ${runtime.name} are due`, subscription: undefined }
    for (const subscription of runtime.subscriptions) {
      // A run that crashes meanwhile has nothing left to do; the others are checked again.
      const why = await lifetime
        .unlessKilled(workOf(runtime, subscription))
        .catch(() => `${runtime.name} has just crashed`)
      if (why !== undefined) return { why, subscription }
    }
  }
  return undefined
}

async function workOf(service: ServiceRuntime, loop: SubscriptionLoop): Promise<string | undefined> {
  const { subscription, status } = loop
  const { subscriber, source, deferred } = subscription
  const name = `${subscriber} of ${service.name} on ${source}`
  const { slowest } = status
  if (slowest !== undefined) return `${name} still handles ${slowest.type} of ${slowest.key}`
  if (!loop.atRest) {
    // If it is retrying, the error says more than the state.
    const error = status.error ?? [...deferred.heads()].find(({ state }) => state !== 'parked')?.error
    return `${name} is ${status.state}${error === undefined ? '' : ` (${error.message})`}`
  }
  const head = await loop.readHead()
  if (head === undefined) return `${name} cannot read its source`
  if (subscription.seen < head) return `${name} is at ${subscription.seen || 'the beginning'} of ${head}`
  for (const { state, type, key, error } of deferred.heads()) {
    if (state !== 'parked') return `${name} has deferred ${type} of ${key} (${error?.message ?? state})`
  }
  return undefined
}
