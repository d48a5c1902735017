// The subscriptions of a service as they are in its store, for an instance that does not run them: to inspect and operate them, or to follow them.

import type { ServiceCore } from '../core/service-core.ts'
import type { Subscription } from '../delivery/subscription.ts'
import { keptHandlerSubscriptions } from '../subscriptions/handler-subscriptions.ts'
import { findLeftBehind, type LeftBehind } from '../subscriptions/left-behind.ts'
import { readModelSubscriptions } from '../subscriptions/read-model-subscriptions.ts'
import { scheduleSubscriptions } from '../subscriptions/schedule-subscriptions.ts'
import { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import type { ServiceSubscriptions } from './start-subscriptions.ts'

/** Loads the subscriptions of a service as they are in its store. */
export async function keptSubscriptions(core: ServiceCore, closing: AbortSignal): Promise<readonly Subscription[]> {
  const ofReadModels = core.readModels.flatMap((readModel) => readModelSubscriptions(core, readModel))
  const ofSchedule = scheduleSubscriptions(core, { closing })
  for (const subscription of [...ofReadModels, ...ofSchedule]) await subscription.load()
  return [...ofReadModels, ...(await keptHandlerSubscriptions(core)), ...ofSchedule]
}

/** Subscribers that only a running service declares: handlers that catch up. */
export const onlyWhileRunning = /\.catch-up\./

/** Opens a service to inspect and operate it: its subscriptions are loaded, and none of them runs. */
export async function openIdle(
  core: ServiceCore,
  closing: AbortSignal,
): Promise<ServiceSubscriptions & { readonly leftBehind: readonly LeftBehind[] }> {
  const all = await keptSubscriptions(core, closing)
  return {
    loops: all.map((subscription) => new SubscriptionLoop(subscription)),
    readModelLoops: new Map(),
    leftBehind: await findLeftBehind(core, all, onlyWhileRunning),
  }
}
