// What the services of a process have in progress, for a host that must say what blocks their thread. Invariant: an event costs two assignments here,
// a command or query its place in a list, which is an object that exists anyway.

import type { Position } from '../../ports/index.ts'
import { type Linked, LinkedList } from '../concurrency/linked-list.ts'
import type { Origin } from '../unit-of-work/origin.ts'

/** A command, a query or a delivery that has begun and not ended. */
export interface WorkInProgress {
  readonly service: string
  readonly kind: 'command' | 'query' | 'delivery'
  /** The name of the command or query; the type of the event, fact, timer or effect that is delivered. */
  readonly name: string
  /** The id of the command, the query, or what is delivered. */
  readonly id: string
  /** Of a delivery: the subscriber that handles it, and where it is in its source. */
  readonly subscriber?: string
  readonly source?: string
  readonly position?: Position
  /** Of a delivery: whether it runs isolated, behind a mark in the store. */
  readonly isMarked?: boolean
}

/** A run that its host has ended because its thread was blocked, for example by an endless loop. */
export interface BlockedRun {
  /** When the thread was last seen to go on, in milliseconds since 1970. */
  readonly since: number
  /** For how long it was blocked, in milliseconds. */
  readonly blockedMs: number
  /** What blocked it; `undefined` if that is not known for certain. */
  readonly work?: WorkInProgress | undefined
  /** The function that was running and its line: `spin (services/reports.ts:12:9)`; `undefined` if that is not known. */
  readonly where?: string | undefined
}

interface Subscribed {
  readonly key: string
  readonly subscriber: string
  readonly source: string
  readonly core: { readonly service: { readonly name: string } }
}

interface Delivered {
  readonly id: string
  readonly type: string
  readonly position: Position
}

/** A batch of deliveries. */
export interface BatchInProgress {
  readonly subscription: Subscribed
  /** Those that have begun and not ended, or not begun. */
  readonly left: () => readonly Delivered[]
}

/** A command or query that runs. It holds its own place in the list of those that do. */
export interface RunningCall extends Linked<RunningCall> {
  readonly origin: Origin
}

/** What the services of a process have in progress. */
export class InProgress {
  readonly #calls = new LinkedList<RunningCall>()
  readonly #batches = new Set<BatchInProgress>()
  #call: Origin | undefined
  #subscription: Subscribed | undefined
  #delivery: Delivered | undefined
  /** The key of the mark of the delivery that runs isolated now. */
  marked: string | undefined

  /** A command or query begins. */
  beginCall(call: RunningCall): void {
    this.#calls.add(call)
    this.#call = call.origin
  }

  /** It has ended. */
  endCall(call: RunningCall): void {
    this.#calls.remove(call)
  }

  beginBatch(batch: BatchInProgress): void {
    this.#batches.add(batch)
  }

  endBatch(batch: BatchInProgress): void {
    this.#batches.delete(batch)
  }

  /** The handlers of a delivery are called. */
  beginDelivery(subscription: Subscribed, delivery: Delivered): void {
    this.#subscription = subscription
    this.#delivery = delivery
  }

  /** Everything in progress, in the order in which it began. */
  list(): readonly WorkInProgress[] {
    const deliveries = [...this.#batches].flatMap(({ subscription, left }) =>
      left().map((delivery) => this.#ofDelivery(subscription, delivery)),
    )
    const calls: WorkInProgress[] = []
    for (let call = this.#calls.first; call !== undefined; call = call.later) calls.push(ofCall(call.origin))
    return [...calls, ...deliveries]
  }

  /** The command or query that began last, and the delivery. */
  latest(): { readonly call: WorkInProgress | undefined; readonly delivery: WorkInProgress | undefined } {
    const [call, subscription, delivery] = [this.#call, this.#subscription, this.#delivery]
    return {
      call: call === undefined ? undefined : ofCall(call),
      delivery: subscription && delivery && this.#ofDelivery(subscription, delivery),
    }
  }

  #ofDelivery({ core, key, subscriber, source }: Subscribed, { id, type, position }: Delivered): WorkInProgress {
    const isMarked = this.marked === `${key}/${position}`
    return { service: core.service.name, kind: 'delivery', name: type, id, subscriber, source, position, isMarked }
  }
}

function ofCall({ service, causedBy, causationId }: Origin): WorkInProgress {
  const [kind, name = ''] = causedBy.split('/')
  return { service, kind: kind === 'query' ? 'query' : 'command', name, id: causationId }
}
