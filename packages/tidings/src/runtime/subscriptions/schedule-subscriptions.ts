// The subscriptions to what comes due: the timers of each subscriber, and each effect.

import type { EffectDeclaration } from '../../services/index.ts'
import { defaultSubscriber } from '../contexts/unit-context.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { Subscription } from '../delivery/subscription.ts'
import { scheduleReader } from '../delivery-readers/schedule-reader.ts'
import { invokeTimers } from '../handlers/invoke-timers.ts'
import { invokeEffect } from '../handlers/perform-effect.ts'
import { effectQueue, timerQueue } from '../schedule/scheduled-item.ts'

/**
 * The subscriptions to what comes due.
 *
 * @param closing - aborts effects that are being performed.
 */
export function scheduleSubscriptions(core: ServiceCore, closing: AbortSignal): readonly Subscription[] {
  const { service } = core
  const subscribers = new Set([
    ...(Object.keys(service.timers).length > 0 ? [defaultSubscriber] : []),
    ...service.processes.flatMap((manager) => (Object.keys(manager.timers).length > 0 ? [manager.subscriber] : [])),
  ])
  const timers = [...subscribers].map(
    (subscriber) =>
      new Subscription({
        core,
        subscriber,
        kind: 'timers',
        reader: scheduleReader(core, 'timer', timerQueue(subscriber)),
        invoke: invokeTimers(core, service.processes),
        sequential: false,
      }),
  )
  return [...timers, ...service.effects.map((declaration) => effectSubscription(core, declaration, closing))]
}

function effectSubscription(core: ServiceCore, declaration: EffectDeclaration, closing: AbortSignal): Subscription {
  const { attemptsMax, inParallelMax, timeoutMs, effect } = declaration
  return new Subscription({
    core,
    subscriber: `effect.${effect.name}`,
    kind: 'effects',
    reader: scheduleReader(core, 'effect', effectQueue(effect.name)),
    invoke: invokeEffect(core, declaration, closing),
    sequential: false,
    handlersWait: true,
    // A batch is committed after all its effects were performed, so it holds no more than may be performed in parallel.
    limits: {
      attemptsMax,
      batchCountMax: inParallelMax,
      keysInParallelMax: inParallelMax,
      handlerTimeoutMs: timeoutMs + core.service.limits.handlerTimeoutMs,
    },
  })
}
