// What a subscriber reads: another service's events, or the own service's facts. Both are histories with positions.

import type { LoggedEvent } from '../../contracts/index.ts'
import { type EarlierEpoch, formatPosition, type Position, type StoredFact } from '../../ports/index.ts'
import type { AgendaItem } from '../schedule/scheduled-item.ts'
import type { ServiceCore } from '../core/service-core.ts'

/** One thing to be handled: an event, a fact, a timer that came due, or an effect. */
export interface Delivery {
  readonly id: string
  readonly type: string
  /** Deliveries of one key keep their order. */
  readonly key: string
  readonly position: Position
  readonly correlationId: string
  readonly occurredAt: number
  readonly recordedAt: number
  readonly event: LoggedEvent | undefined
  readonly fact: StoredFact | undefined
  readonly item?: AgendaItem
}

/** A part of a feed. */
export interface FeedPage {
  readonly epoch: string | undefined
  readonly deliveries: readonly Delivery[]
  /** Everything up to here has been looked at. */
  readonly next: Position
  readonly head: Position
}

/** A history that can be read from a position. */
export interface Feed {
  /** The service whose events these are, or `facts`. */
  readonly source: string
  /** Where it ends, although its source goes on. */
  readonly until?: Position
  read(after: Position, limit: number): Promise<FeedPage>
  earlierEpochs(): Promise<readonly EarlierEpoch[]>
  watch(wake: () => void): () => void
}

/** The source name of a service's own facts. No service can bear it: names start with a letter. */
export const factsSource = '~facts'

/** The events of a source, as far as they are of the given types. */
export function eventFeed(core: ServiceCore, source: string, types: readonly string[]): Feed {
  return {
    source,
    read: async (after, limit) => {
      const answer = core.broker.read(source, { after, limit, types })
      const page = answer instanceof Promise ? await answer : answer
      return { epoch: page.epoch, deliveries: page.events.map(eventDelivery), next: page.next, head: page.head }
    },
    earlierEpochs: async () => core.broker.earlierEpochs(source),
    watch: (wake) => core.broker.watch(source, wake),
  }
}

const lastPosition = formatPosition(9_007_199_254_740_991)

/** The own service's facts of the given deciders. */
export function factFeed(core: ServiceCore, categories: readonly string[]): Feed {
  return {
    source: factsSource,
    read: async (after, limit) => {
      const page = await core.store.readFacts({ after, limit, categories })
      return { epoch: core.store.epoch, deliveries: page.facts.map(factDelivery), next: page.next, head: page.head }
    },
    // An epoch says how much of the log was kept. Who follows the facts stands in the same store: what it has seen was kept with it.
    earlierEpochs: async () => core.store.earlierEpochs.map(({ epoch }) => ({ epoch, upTo: lastPosition })),
    watch: (wake) => core.factsAppended.listen(wake),
  }
}

function eventDelivery(event: LoggedEvent): Delivery {
  return {
    id: event.id,
    type: event.type,
    key: event.key,
    position: event.position,
    correlationId: event.correlationId,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
    event,
    fact: undefined,
  }
}

function factDelivery(fact: StoredFact): Delivery {
  return new FactDelivery(fact)
}

// A rebuild reads millions of these, and needs an id or a key only of the few that fail.
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
