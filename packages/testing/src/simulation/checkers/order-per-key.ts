// P4: a subscriber handles the events of one key from one source in the order in which they were published; a process manager handles those
// of one instance in that order, whatever their keys are.

import type { Checker } from './checker.ts'

export const orderPerKey: Checker = {
  name: 'order-per-key',
  promise:
    "A subscriber sees one key's events from one source in the order of publication, and a process manager those of one instance.",
  at: 'rest',
  check: ({ services, addedTo }) => {
    const breaches: string[] = []
    for (const { service, executions } of services.values()) {
      const added = addedTo(service.name)
      const last = new Map<string, { readonly position: string; readonly about: string }>()
      const places = new Map<string, Map<string, string>>()
      for (const { kind, subscriber, instance, source, key, about, name } of executions) {
        if (kind !== 'handler' && kind !== 'process') continue
        const positions = places.get(source) ?? new Map(services.get(source)?.published.map((e) => [e.id, e.position]))
        places.set(source, positions)
        const position = positions.get(about) ?? ''
        // A handler that was added later has caught up by itself.
        const by = name === added ? [subscriber, name] : [subscriber]
        const queue = JSON.stringify(kind === 'handler' ? [...by, source, key] : [name, instance, source])
        const belongsTo = kind === 'handler' ? `under the same key ${key}` : `for the same instance ${instance}`
        const before = last.get(queue)
        if (before !== undefined && position < before.position)
          breaches.push(
            `${name} of ${service.name} handled ${about} after ${before.about}, which ${source} published later ${belongsTo}.`,
          )
        last.set(queue, { position, about })
      }
    }
    return breaches
  },
}
