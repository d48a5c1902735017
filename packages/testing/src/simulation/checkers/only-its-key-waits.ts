// P5: what is deferred holds up the later events of its own key, or of its own instance, and nothing else.

import { orderKeysOf } from '../evidence/order-keys.ts'
import type { Checker } from './checker.ts'

export const onlyItsKeyWaits: Checker = {
  name: 'only-its-key-waits',
  promise: 'A deferred event holds up only the later events of its key, or of its instance of a process manager.',
  at: 'parked',
  check: ({ services }) => {
    const breaches: string[] = []
    for (const { service, deferred } of services.values()) {
      const keysOf = new Map(
        deferred.map((event) => {
          const published = services.get(event.source)?.published.find(({ id }) => id === event.id)
          return [event, published && orderKeysOf(service, event.subscriber, published)]
        }),
      )
      for (const [event, keys] of keysOf) {
        if (event.state === 'parked' || keys === undefined || keys.length === 0) continue
        const isBehind = [...keysOf].some(
          ([other, others]) =>
            other.subscriber === event.subscriber &&
            other.source === event.source &&
            other.position < event.position &&
            others?.some((key) => keys.includes(key)),
        )
        if (isBehind) continue
        breaches.push(
          `${service.name} does not go on with ${event.type} of ${event.key} (${event.id}), although nothing of ${keys.join(' or ')} is deferred before it.`,
        )
      }
    }
    return breaches
  },
}
