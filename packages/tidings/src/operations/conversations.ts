// Conversations: the events of one correlation id, how each was delivered, and the causal tree that they form.

import type { LoggedEvent } from '../contracts/index.ts'
import { isInSlots, slotCount } from '../ports/index.ts'
import { attemptsOf } from '../runtime/delivery/deferred-event.ts'
import { findDelivery } from '../runtime/delivery/delivery-log.ts'
import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'
import { declaredSubscriber } from '../services/index.ts'

/** The delivery of one event to one subscriber. */
export interface DeliveryAccount {
  readonly eventId: string
  readonly service: string
  readonly subscriber: string
  /** `done`, the state of the deferred event, or `pending`: not reached yet. */
  readonly state: 'done' | 'retrying' | 'waiting' | 'parked' | 'blocked' | 'running' | 'pending'
  /** Attempts so far; 0 while pending. */
  readonly attempts: number
  /** How long the last attempt took, in microseconds; `undefined` if there is no record. */
  readonly durationMicros: number | undefined
  /** When the last attempt ended, in milliseconds since 1970; `undefined` if there is no record. */
  readonly at: number | undefined
  readonly error: { readonly code: string; readonly message: string } | undefined
}

/** The events of a conversation in a service's event log, oldest first; at most 10,000. */
export async function eventsOfConversation(
  service: ServiceRuntime,
  correlationId: string,
): Promise<readonly LoggedEvent[]> {
  const found = await service.store.searchEventLog({ correlationId, limit: 10_000 })
  return [...found].reverse()
}

/** The deliveries of events to a service's subscribers: one for each event and each subscriber that handles its type. */
export async function deliveriesOf(
  service: ServiceRuntime,
  events: readonly Pick<LoggedEvent, 'id' | 'source' | 'type' | 'key' | 'position'>[],
): Promise<readonly DeliveryAccount[]> {
  const accounts: DeliveryAccount[] = []
  const handles = handledTypesOf(service)
  for (const { subscription } of service.subscriptions) {
    const { subscriber, source, deferred, seen } = subscription
    if (subscription.kind === 'rebuild') continue
    const { slots = allSlots } = subscription
    for (const event of events) {
      if (event.source !== source || !handles(subscriber, event.type) || !isInSlots(event.key, slots)) continue
      const base = { eventId: event.id, service: service.name, subscriber }
      const found = deferred.at(event.position)
      if (found !== undefined) {
        const error = found.error === undefined ? undefined : { code: found.error.code, message: found.error.message }
        accounts.push({
          ...base,
          state: found.state,
          attempts: attemptsOf(found),
          durationMicros: undefined,
          at: undefined,
          error,
        })
      } else if (event.position > seen) {
        accounts.push({
          ...base,
          state: 'pending',
          attempts: 0,
          durationMicros: undefined,
          at: undefined,
          error: undefined,
        })
      } else {
        const record = await findDelivery(service.store, subscriber, source, event.position)
        accounts.push({
          ...base,
          state: 'done',
          attempts: record?.attempt ?? 1,
          durationMicros: record?.durationMicros,
          at: record?.at,
          error: undefined,
        })
      }
    }
  }
  return accounts
}

const allSlots = { from: 0, to: slotCount }

function handledTypesOf(service: ServiceRuntime): (subscriber: string, type: string) => boolean {
  const types = new Map<string, Set<string>>()
  const add = (subscriber: string, type: string) =>
    types.set(subscriber, (types.get(subscriber) ?? new Set()).add(type))
  for (const handler of service.declaration.handlers) add(handler.subscriber, handler.event.name)
  for (const [name, replica] of Object.entries(service.declaration.replicas)) add(`replica.${name}`, replica.of.name)
  for (const projection of service.declaration.projections) {
    for (const step of projection.steps) if (step.on === 'event') add(`projection.${projection.name}`, step.event.name)
  }
  return (subscriber, type) => types.get(declaredSubscriber(subscriber))?.has(type) === true
}

/** An event in the tree of its conversation. */
export interface CausalNode {
  readonly event: LoggedEvent
  readonly deliveries: readonly DeliveryAccount[]
  readonly consequences: readonly CausalNode[]
}

/** The causal tree of a conversation: what started it and everything that followed. */
export interface CausalTree {
  readonly correlationId: string
  /** What started it, such as `orders command/place-order`, as its first event names it; `undefined` without events. */
  readonly begunBy:
    | {
        readonly id: string
        readonly service: string
        readonly by: string
        readonly principal: string | null
        readonly tenant: string | null
      }
    | undefined
  readonly roots: readonly CausalNode[]
  readonly eventCount: number
}

/** Builds the causal tree of a conversation from its events and their deliveries. Pure. */
export function causalTree(
  correlationId: string,
  events: readonly LoggedEvent[],
  deliveries: readonly DeliveryAccount[],
): CausalTree {
  const byId = new Map(events.map((event) => [event.id, event]))
  const accounts = Map.groupBy(deliveries, (account) => account.eventId)
  const children = Map.groupBy(
    events.filter((event) => byId.has(event.causationId) && event.causationId !== event.id),
    (event) => event.causationId,
  )
  const node = (event: LoggedEvent): CausalNode => ({
    event,
    deliveries: accounts.get(event.id) ?? [],
    consequences: (children.get(event.id) ?? []).sort(byTime).map(node),
  })
  const roots = events.filter((event) => !byId.has(event.causationId) || event.causationId === event.id).sort(byTime)
  const [first] = roots
  return {
    correlationId,
    begunBy:
      first === undefined
        ? undefined
        : {
            id: first.causationId,
            service: first.source,
            by: first.causedBy,
            principal: first.principal,
            tenant: first.tenant,
          },
    roots: roots.map(node),
    eventCount: events.length,
  }
}

function byTime(a: LoggedEvent, b: LoggedEvent): number {
  return (
    a.recordedAt - b.recordedAt ||
    (a.source === b.source ? (a.position < b.position ? -1 : 1) : a.source < b.source ? -1 : 1)
  )
}
