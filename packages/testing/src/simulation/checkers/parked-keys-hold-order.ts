// P5: behind a parked event, no later event of its key takes effect.

import type { Checker } from './checker.ts'

export const parkedKeysHoldOrder: Checker = {
  name: 'parked-keys-hold-order',
  promise: 'Behind a parked event, no later event of its key takes effect.',
  at: 'parked',
  check: ({ services }) => {
    const breaches: string[] = []
    for (const { service, deferred, executions } of services.values()) {
      for (const event of deferred) {
        if (event.state !== 'parked') continue
        const published = services.get(event.source)?.published ?? []
        const parked = published.find(({ id }) => id === event.id)
        const later = new Set(
          published.filter(({ key, position }) => key === parked?.key && position > event.position).map(({ id }) => id),
        )
        const passed = executions.find(
          ({ kind, subscriber, source, about }) =>
            (kind === 'handler' || kind === 'process') &&
            subscriber === event.subscriber &&
            source === event.source &&
            later.has(about),
        )
        if (passed === undefined) continue
        breaches.push(
          `${service.name} parked ${event.type} of ${event.key} (${event.id}), but handled ${passed.about}, which comes after it.`,
        )
      }
    }
    return breaches
  },
}
