// "Until everything has settled": no sleeping and hoping, but asking every subscription whether it has seen its source's head.

import { TidingsError } from '../../errors/index.ts'
import type { Environment } from '../../ports/environment.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'
import type { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import type { ServiceRuntime } from './service-runtime.ts'

/** Options of waiting. */
export interface SettleOptions {
  /** Give up with `TIMED_OUT` after so many milliseconds. Default: 60,000. */
  readonly timeoutMs?: number
}

/** Resolves when no service has anything left to do. Throws `TIMED_OUT` naming what is still at work. */
export async function settled(
  services: readonly ServiceRuntime[],
  environment: Environment,
  { timeoutMs = 60_000 }: SettleOptions = {},
): Promise<void> {
  const deadline = environment.clock.monotonicMs() + timeoutMs
  for (;;) {
    const busy = await firstBusy(services)
    if (busy === undefined) return
    const leftMs = deadline - environment.clock.monotonicMs()
    if (leftMs <= 0) {
      throw new TidingsError('TIMED_OUT', `The system has not settled within ${timeoutMs} ms: ${busy.why}.`)
    }
    // What is deferred is due at a time of its own; waking would only turn its loop.
    if (busy.deferred !== true) busy.loop?.wake()
    if (busy.loop !== undefined) await signalOrTimeout(environment.timeouts, busy.loop.moved, Math.min(leftMs, pollMs))
    else await new Promise<void>((resolve) => environment.timeouts.after(1, resolve))
  }
}

const pollMs = 50

interface Busy {
  readonly why: string
  readonly loop?: SubscriptionLoop
  /** Whether it only waits until a deferred event is due. */
  readonly deferred?: boolean
}

async function firstBusy(services: readonly ServiceRuntime[]): Promise<Busy | undefined> {
  for (const service of services) {
    if (!service.relayAtRest) return { why: `the relay of ${service.name} is at work` }
  }
  for (const service of services) {
    if (!(await service.scheduleAtRest())) return { why: `timers or effects of ${service.name} are due` }
  }
  for (const service of services) {
    for (const loop of service.subscriptions) {
      const busy = await busyWith(service, loop)
      if (busy !== undefined) return { ...busy, loop }
    }
  }
  return undefined
}

async function busyWith(service: ServiceRuntime, loop: SubscriptionLoop): Promise<Busy | undefined> {
  const { subscription } = loop
  const name = `${subscription.subscriber} of ${service.name} on ${subscription.source}`
  if (!loop.atRest) {
    const { state, error } = loop.status
    return { why: `${name} is ${state}${error === undefined ? '' : ` (${error.message})`}` }
  }
  const head = await loop.readHead()
  if (head === undefined) return { why: `${name} cannot read its source` }
  if (subscription.seen < head) return { why: `${name} is at ${subscription.seen || 'the beginning'} of ${head}` }
  for (const { state, key, type } of subscription.deferred.heads()) {
    if (state !== 'parked' && subscription.deferredAhead(key)?.state !== 'parked')
      return { why: `${name} has deferred ${type} (${state})`, deferred: true }
  }
  return undefined
}
