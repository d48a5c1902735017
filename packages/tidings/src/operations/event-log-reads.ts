// What each subscriber of a system hears of each source, known from the declarations: the rights that it needs, and no more.
// Invariant: subscriber, source and types are those that a running service reads with; a subscriber that catches up or rebuilds reads under its own name.

import type { EventLogRead } from '../ports/index.ts'
import type { Service } from '../services/index.ts'

/** Every read of another service's event log, by service, subscriber and source. Pure. */
export function eventLogReads(services: readonly Service[]): readonly EventLogRead[] {
  return services.flatMap((service) => readsOf(service))
}

function readsOf(service: Service): readonly EventLogRead[] {
  const reads = new Map<string, { readonly subscriber: string; readonly source: string; readonly types: Set<string> }>()
  const hear = (subscriber: string, { owner, name }: { readonly owner: string; readonly name: string }) => {
    if (owner === service.name) return
    const id = `${subscriber}/${owner}`
    const read = reads.get(id) ?? { subscriber, source: owner, types: new Set() }
    reads.set(id, read)
    read.types.add(name)
  }
  for (const { subscriber, event } of service.handlers) hear(subscriber, event)
  for (const [name, { of }] of Object.entries(service.replicas)) hear(`replica.${name}`, of)
  for (const { name, steps } of service.projections)
    for (const step of steps) if (step.on === 'event') hear(`projection.${name}`, step.event)
  return [...reads.values()].map(({ subscriber, source, types }) => ({
    service: service.name,
    subscriber,
    source,
    types: [...types].sort(),
  }))
}
