// P5: behind a parked event, no later event of its key takes effect; for a process manager, none of its instance.

import type { DeferredDelivery } from 'tidings/operations'
import type { ServiceEvidence } from '../evidence/evidence.ts'
import { orderKeysOf } from '../evidence/order-keys.ts'
import type { Checker } from './checker.ts'

export const parkedKeysHoldOrder: Checker = {
  name: 'parked-keys-hold-order',
  promise: 'Behind a parked event, no later event of its key takes effect.',
  at: 'parked',
  check: ({ services, addedTo }) => {
    const breaches: string[] = []
    for (const seen of services.values()) {
      for (const event of seen.deferred) {
        if (event.state !== 'parked') continue
        const later = laterOnes(seen, services.get(event.source), event)
        const passed = seen.executions.find(
          ({ kind, name, subscriber, source, about }) =>
            (kind === 'handler' || kind === 'process') &&
            // A handler that was added later catches up by itself.
            name !== addedTo(seen.service.name) &&
            subscriber === event.subscriber &&
            source === event.source &&
            later.has(about),
        )
        if (passed === undefined) continue
        breaches.push(
          `${seen.service.name} parked ${event.type} of ${event.key} (${event.id}), but handled ${passed.about}, which comes after it.`,
        )
      }
    }
    return breaches
  },
}

// The later events that belong to the same key or instance.
function laterOnes(
  { service }: ServiceEvidence,
  source: ServiceEvidence | undefined,
  { id, subscriber, position }: DeferredDelivery,
): ReadonlySet<string> {
  const published = source?.published ?? []
  const parked = published.find((event) => event.id === id)
  if (parked === undefined) return new Set()
  const keys = new Set(orderKeysOf(service, subscriber, parked))
  return new Set(
    published
      .filter(
        (event) => event.position > position && orderKeysOf(service, subscriber, event).some((key) => keys.has(key)),
      )
      .map((event) => event.id),
  )
}
