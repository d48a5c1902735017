// The subscriptions to what comes due: the timers of each subscriber, and each effect.

import type { EffectDeclaration } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { Subscription } from '../delivery/subscription.ts'
import type { SubscriptionOptions } from '../delivery/subscription-options.ts'
import { scheduleReader } from '../delivery-readers/schedule-reader.ts'
import { EffectStarts } from '../handlers/effect-starts.ts'
import { invokeTimers } from '../handlers/invoke-timers.ts'
import { invokeEffect, type Performing } from '../handlers/perform-effect.ts'
import { PerformedEffects } from '../handlers/performed-effects.ts'
import type { DirectQueues } from '../schedule/direct-queues.ts'
import { releaseOccurrence } from '../schedule/recurrence.ts'
import { defaultSubscriber, effectQueue, type ScheduledItem, timerQueue } from '../schedule/scheduled-item.ts'
import { type DoesGroup, effectGroup, timersGroup } from './work-groups.ts'

type Reading = Pick<SubscriptionOptions, 'reader' | 'direct'>

/** How what comes due is handled. */
export interface ScheduleOptions {
  /** Once it fires, no effect is begun. */
  readonly closing: AbortSignal
  /** Aborts effects that are being performed. Default: `closing`. */
  readonly aborting?: AbortSignal | undefined
  /** Gets the queues of those that take what is due directly. Default: they take only what was moved into their queues. */
  readonly queues?: DirectQueues | undefined
  /** Which groups are wanted. Default: all. */
  readonly does?: DoesGroup
}

/** The subscriptions to what comes due. */
export function scheduleSubscriptions(
  core: ServiceCore,
  { closing, aborting = closing, queues, does = () => true }: ScheduleOptions,
): readonly Subscription[] {
  const { service } = core
  const readerOf = (kind: ScheduledItem['kind'], name: string): Reading => {
    if (queues === undefined) return { reader: scheduleReader(core, kind, name) }
    const queue = queues.open(name)
    return { reader: scheduleReader(core, kind, name, { queue, queues }), direct: queue }
  }
  const subscribers = new Set([
    ...(Object.keys(service.timers).length > 0 ? [defaultSubscriber] : []),
    ...service.processes.flatMap((manager) => (Object.keys(manager.timers).length > 0 ? [manager.subscriber] : [])),
  ])
  // Timers that were set under the old name of a subscriber are in a queue of that name.
  for (const [subscriber, was] of Object.entries(service.oldSubscribers))
    if (subscribers.has(subscriber)) subscribers.add(was)
  const timers = [...subscribers]
    .filter((subscriber) => does(timersGroup(subscriber)))
    .map((subscriber) => timerSubscription(core, subscriber, readerOf('timer', timerQueue(subscriber))))
  const effects = service.effects.flatMap((declaration) => {
    const { effect, was } = declaration
    if (!does(effectGroup(effect.name))) return []
    const make = (name: string) =>
      effectSubscription(core, declaration, name, { closing, aborting }, readerOf('effect', effectQueue(name)))
    const subscription = make(effect.name)
    if (was === undefined) return [subscription]
    // What was requested under the old name goes first, key by key, where it is deferred.
    const before = make(was)
    subscription.waitFor([before])
    return [before, subscription]
  })
  return [...timers, ...effects]
}

// Timers of one owner and key fire in the order of their due times. One that fails holds up no other.
function timerSubscription(core: ServiceCore, subscriber: string, reading: Reading): Subscription {
  const queue = timerQueue(subscriber)
  const subscription: Subscription = new Subscription({
    core,
    subscriber,
    kind: 'timers',
    group: timersGroup(subscriber),
    ...reading,
    invoke: invokeTimers(core, core.service.processes),
    scope: 'itself',
    whileDeferring: async (unit, event) => {
      if (event.state !== 'parked') return []
      const earlier = [...subscription.deferred.all()].filter(
        (other) => other.id === event.id && other.position !== event.position && other.state === 'parked',
      )
      const positions = earlier.map(({ position }) => position)
      return (await releaseOccurrence(core, unit, queue, event.position, positions)) ? earlier : []
    },
    sequential: false,
  })
  return subscription
}

/** Lets recurring timers go on whose occurrences were parked by an earlier build, which did not do that. */
export async function releaseParked(subscription: Subscription): Promise<void> {
  if (subscription.kind !== 'timers') return
  const unit = subscription.newUnit()
  for (const { state, position } of subscription.deferred.all())
    if (state === 'parked')
      await releaseOccurrence(subscription.core, unit, timerQueue(subscription.subscriber), position, [])
  if (unit.hasWrites) await subscription.core.commit(unit)
}

function effectSubscription(
  core: ServiceCore,
  declaration: EffectDeclaration,
  name: string,
  signals: Pick<Performing, 'closing' | 'aborting'>,
  reading: Reading,
): Subscription {
  const { attemptsMax, inParallelMax, timeoutMs } = declaration
  const performed = new PerformedEffects(core, declaration)
  const starts = core.sharesStore ? new EffectStarts(core, timeoutMs) : undefined
  // It may have to wait for an earlier start first.
  const performMs = core.sharesStore ? 2 * timeoutMs : timeoutMs
  return new Subscription({
    core,
    subscriber: `effect.${name}`,
    kind: 'effects',
    group: effectGroup(declaration.effect.name),
    ...reading,
    invoke: invokeEffect(core, declaration, { performed, starts, ...signals }),
    whileDeferring: async (unit, event) => {
      starts?.endFailed(unit, event)
      await performed.keep(unit, event, name)
      return []
    },
    sequential: false,
    handlersWait: true,
    // No more are performed at a time, those that go on after their batch was committed and retries included.
    limits: {
      attemptsMax,
      batchCountMax: inParallelMax,
      keysInParallelMax: inParallelMax,
      runningCountMax: inParallelMax,
      handlerTimeoutMs: performMs + core.service.limits.handlerTimeoutMs,
    },
  })
}
