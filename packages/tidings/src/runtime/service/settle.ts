// "Until everything has settled": no sleeping and hoping, but asking every subscription whether it has seen its source's head.

import { TidingsError } from '../../errors/index.ts'
import type { ServiceRuntime } from './service-runtime.ts'
import type { Host } from '../../ports/environment.ts'
import type { Subscription } from '../subscriptions/subscription-loop.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'

/** Options of waiting. */
export interface SettleOptions {
  /** Give up with `TIMED_OUT` after so many milliseconds. Default: 60,000. */
  readonly timeoutMs?: number
}

/** Resolves when no service has anything left to do. Throws `TIMED_OUT` naming what is still at work. */
export async function settled(
  services: readonly ServiceRuntime[],
  host: Host,
  { timeoutMs = 60_000 }: SettleOptions = {},
): Promise<void> {
  const deadline = host.clock.monotonicMs() + timeoutMs
  for (;;) {
    const busy = await firstBusy(services)
    if (busy === undefined) return
    const leftMs = deadline - host.clock.monotonicMs()
    if (leftMs <= 0) {
      throw new TidingsError('TIMED_OUT', `The system has not settled within ${timeoutMs} ms: ${busy.why}.`)
    }
    // What is held is due at a time of its own; waking would only turn its loop.
    if (busy.held !== true) busy.subscription?.wake()
    if (busy.subscription !== undefined)
      await signalOrTimeout(host.scheduler, busy.subscription.moved, Math.min(leftMs, pollMs))
    else await new Promise<void>((resolve) => host.scheduler.after(1, resolve))
  }
}

const pollMs = 50

interface Busy {
  readonly why: string
  readonly subscription?: Subscription
  /** Whether it only waits for a held event's time. */
  readonly held?: boolean
}

async function firstBusy(services: readonly ServiceRuntime[]): Promise<Busy | undefined> {
  for (const service of services) {
    if (!service.relayAtRest) return { why: `the relay of ${service.name} is at work` }
  }
  for (const service of services) {
    if (!(await service.agendaAtRest())) return { why: `timers or effects of ${service.name} are due` }
  }
  for (const service of services) {
    for (const subscription of service.subscriptions) {
      const busy = await busyWith(service, subscription)
      if (busy !== undefined) return { ...busy, subscription }
    }
  }
  return undefined
}

async function busyWith(service: ServiceRuntime, subscription: Subscription): Promise<Busy | undefined> {
  const { lane } = subscription
  const name = `${lane.subscriber} of ${service.name} on ${lane.feed.source}`
  if (!subscription.atRest) {
    const { state, error } = subscription.status
    return { why: `${name} is ${state}${error === undefined ? '' : ` (${error.message})`}` }
  }
  const page = await lane.feed.read(lane.seen, 1).catch(() => undefined)
  if (page === undefined) return { why: `${name} cannot read its source` }
  if (lane.seen < page.head) return { why: `${name} is at ${lane.seen || 'the beginning'} of ${page.head}` }
  for (const head of lane.held.heads()) {
    if (head.state !== 'parked' && lane.heldAhead(head.key)?.state !== 'parked')
      return { why: `${name} holds ${head.type} (${head.state})`, held: true }
  }
  return undefined
}
