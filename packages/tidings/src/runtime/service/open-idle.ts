// Opens a service to inspect and operate it: its subscriptions are loaded, and none of them runs.

import type { ServiceCore } from '../core/service-core.ts'
import { keptHandlerSubscriptions } from '../subscriptions/handler-subscriptions.ts'
import { findLeftBehind } from '../subscriptions/left-behind.ts'
import { readModelSubscriptions } from '../subscriptions/read-model-subscriptions.ts'
import { scheduleSubscriptions } from '../subscriptions/schedule-subscriptions.ts'
import { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import type { ServiceSubscriptions } from './start-subscriptions.ts'

/** Loads the subscriptions of a service as they are in its store, and starts none. */
export async function openIdle(core: ServiceCore, closing: AbortSignal): Promise<ServiceSubscriptions> {
  const ofReadModels = core.readModels.flatMap((readModel) => readModelSubscriptions(core, readModel))
  const ofSchedule = scheduleSubscriptions(core, closing)
  for (const subscription of [...ofReadModels, ...ofSchedule]) await subscription.load()
  const all = [...ofReadModels, ...(await keptHandlerSubscriptions(core)), ...ofSchedule]
  return {
    loops: all.map((subscription) => new SubscriptionLoop(subscription)),
    readModelLoops: new Map(),
    leftBehind: await findLeftBehind(core, all, /\.catch-up\./),
  }
}
