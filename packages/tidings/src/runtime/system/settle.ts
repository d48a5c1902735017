// Waits until everything has settled, without guessing a delay: every subscription is asked whether it is at its source's head.

import { TidingsError } from '../../errors/index.ts'
import type { Environment } from '../../ports/environment.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'
import type { ServiceRuntime } from '../service/service-runtime.ts'
import type { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'

/** Options of `settled`. */
export interface SettleOptions {
  /**
   * Throws `TIMED_OUT` after so many milliseconds, whatever happens meanwhile. Default: it waits as long as something moves, and throws if nothing
   * has moved for a minute.
   */
  readonly timeoutMs?: number
}

/** Resolves when no service has anything left to do. Throws `TIMED_OUT`, which names what is still busy. */
export async function settled(
  services: readonly ServiceRuntime[],
  environment: Environment,
  { timeoutMs }: SettleOptions = {},
): Promise<void> {
  let limitAt = environment.clock.monotonicMs() + (timeoutMs ?? stalledMs)
  let moves = -1
  for (;;) {
    const busy = await firstBusy(services)
    if (busy === undefined) return
    const now = environment.clock.monotonicMs()
    const seen = movesOf(services)
    // A retry has a time of its own, perhaps hours away, and a bounded number.
    if (timeoutMs === undefined && (seen !== moves || busy.retrying === true)) limitAt = now + stalledMs
    moves = seen
    const leftMs = limitAt - now
    if (leftMs <= 0) {
      const within = timeoutMs === undefined ? `, and nothing has moved for ${stalledMs} ms` : ` within ${timeoutMs} ms`
      throw new TidingsError('TIMED_OUT', `The system has not settled${within}: ${busy.why}.`)
    }
    // A deferred event is due at a time of its own, and so is the end of a handler; waking the loop would do nothing.
    if (busy.deferred !== true) busy.loop?.wake()
    if (busy.loop !== undefined)
      await signalOrTimeout(environment.timeouts, busy.loop.moved, Math.min(leftMs, pollMs), { keepsAlive: true })
    else await new Promise<void>((resolve) => environment.timeouts.after(1, resolve, { keepsAlive: true }))
  }
}

const pollMs = 50

/** Without a timeout, a system in which nothing has moved for so long will not settle, in milliseconds. */
const stalledMs = 60_000

/** A number that grows whenever a subscription has handled or deferred something. */
function movesOf(services: readonly ServiceRuntime[]): number {
  let moves = 0
  for (const { subscriptions } of services)
    for (const { subscription } of subscriptions) moves += subscription.handledCount
  return moves
}

interface Busy {
  readonly why: string
  readonly loop?: SubscriptionLoop
  /** Whether it only waits until a deferred event is due, or a handler ends. */
  readonly deferred?: boolean
  /** Whether that event is retried, and so handled or parked in the end. */
  readonly retrying?: boolean
}

async function firstBusy(services: readonly ServiceRuntime[]): Promise<Busy | undefined> {
  for (const service of services) {
    if (!(await service.relayAtRest())) return { why: `the relay of ${service.name} is busy` }
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
  const { slowest } = subscription.running
  if (slowest !== undefined) {
    const { type, key } = slowest.delivery
    return { why: `${name} still handles ${type} of ${key}`, deferred: true }
  }
  if (!loop.atRest) {
    const { state, error } = loop.status
    return { why: `${name} is ${state}${error === undefined ? '' : ` (${error.message})`}` }
  }
  const head = await loop.readHead()
  if (head === undefined) return { why: `${name} cannot read its source` }
  if (subscription.seen < head)
    return { why: `${name} has read up to ${subscription.seen || 'the beginning'}; the head is ${head}` }
  for (const head of subscription.deferred.heads()) {
    if (head.state !== 'parked' && subscription.deferredByCatchUp(head)?.state !== 'parked')
      return {
        why: `${name} has deferred ${head.type} (${head.state})`,
        deferred: true,
        retrying: head.state === 'retrying',
      }
  }
  return undefined
}
