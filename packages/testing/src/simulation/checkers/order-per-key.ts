// P4: a subscriber handles the events of one key from one source in the order in which they were published.

import type { Checker } from './checker.ts'

export const orderPerKey: Checker = {
  name: 'order-per-key',
  promise: "A subscriber sees one key's events from one source in the order of publication.",
  at: 'rest',
  check: ({ services }) => {
    const breaches: string[] = []
    for (const { service, executions } of services.values()) {
      const last = new Map<string, { readonly position: string; readonly about: string }>()
      const places = new Map<string, Map<string, string>>()
      for (const { kind, subscriber, instance, source, key, about, name } of executions) {
        if (kind !== 'handler' && kind !== 'process') continue
        const positions = places.get(source) ?? new Map(services.get(source)?.published.map((e) => [e.id, e.position]))
        places.set(source, positions)
        const position = positions.get(about) ?? ''
        // For a process manager the order is known for each instance, not for its whole subscriber.
        const queue = JSON.stringify(kind === 'handler' ? [subscriber, source, key] : [name, instance, source, key])
        const before = last.get(queue)
        if (before !== undefined && position < before.position)
          breaches.push(
            `${name} of ${service.name} handled ${about} after ${before.about}, which ${source} published later under the same key ${key}.`,
          )
        last.set(queue, { position, about })
      }
    }
    return breaches
  },
}
