// Reads the facts of a service's own streams, in the order in which they were committed.

import { formatPosition, type Position, type StoredFact } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Delivery, DeliveryReader } from './delivery-reader.ts'

/** The source name of a service's own facts. No service can have it: names start with a letter. */
export const factsSource = '~facts'

const lastPosition = formatPosition(Number.MAX_SAFE_INTEGER)

/** The service's own facts of the given deciders. */
export function factReader(core: ServiceCore, categories: readonly string[]): DeliveryReader {
  return {
    source: factsSource,
    read: async (after, limit) => {
      const page = await core.store.readFacts({ after, limit, categories })
      return { epoch: core.store.epoch, deliveries: page.facts.map(factDelivery), next: page.next, head: page.head }
    },
    // Facts and the subscriptions to them are in one store and are restored together, so nothing they have read is ever lost.
    earlierEpochs: async () => core.store.earlierEpochs.map(({ epoch }) => ({ epoch, upTo: lastPosition })),
    watch: (wake) => core.factsAppended.listen(wake),
  }
}

function factDelivery(fact: StoredFact): Delivery {
  return new FactDelivery(fact)
}

// A rebuild reads millions of facts, and needs the id and key of only the few that fail.
class FactDelivery implements Delivery {
  readonly event = undefined
  readonly fact: StoredFact

  constructor(fact: StoredFact) {
    this.fact = fact
  }

  get id(): string {
    return `${this.fact.category}:${this.fact.stream}:${this.fact.streamVersion}`
  }
  get type(): string {
    return `${this.fact.category}/${this.fact.type}`
  }
  get key(): string {
    return `${this.fact.category}/${this.fact.stream}`
  }
  get position(): Position {
    return this.fact.position
  }
  get correlationId(): string {
    return this.fact.correlationId
  }
  get occurredAt(): number {
    return this.fact.occurredAt
  }
  get recordedAt(): number {
    return this.fact.recordedAt
  }
}
