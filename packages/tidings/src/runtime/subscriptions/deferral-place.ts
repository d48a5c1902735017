// What a subscriber's deferred events block. If it has process managers, that is not the key of the event but the instance that it belongs to
// (and the key too, if there are handlers beside them).
// Invariant: an event's place depends on the event and the declarations alone, so it is the same at every attempt.

import type { LoggedEvent } from '../../contracts/index.ts'
import type { NamedHandler } from '../../services/index.ts'
import type { DeferralPlace } from '../delivery/deferred-event.ts'
import { newerPlace } from '../delivery/newer-code-missing.ts'
import type { PlaceOf, SubscriptionOptions } from '../delivery/subscription-options.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { readEventData } from '../handlers/read-event-data.ts'
import type { NewerHandlers } from './newer-handlers.ts'

type IsStarted = (handler: NamedHandler, position: string) => boolean

/**
 * How a subscription of some handlers defers.
 *
 * @param all - all handlers of the subscriber: those that catch up defer as the others do.
 * @param newer - the handlers that only newer code has, if that has placed the subscription.
 */
export function deferralOf(
  all: readonly NamedHandler[],
  handlers: readonly NamedHandler[],
  isStarted: IsStarted,
  newer?: NewerHandlers,
): Pick<SubscriptionOptions, 'scope' | 'placeOf'> {
  if (all.every(({ process }) => process === undefined)) return {}
  const known = new WeakMap<Delivery, DeferralPlace | null>()
  const placeOf: PlaceOf = (delivery) => {
    const found = known.get(delivery)
    if (found !== undefined) return found ?? undefined
    const { event, position } = delivery
    const place =
      event === undefined
        ? undefined
        : placeIn(
            event,
            handlers.filter((handler) => handles(handler, event) && isStarted(handler, position)),
            newer !== undefined && newer.namesFor(event, position).length > 0,
          )
    known.set(delivery, place ?? null)
    return place
  }
  return { scope: 'instance', placeOf }
}

// `undefined` if the data of the event cannot be read, or the key function fails.
function placeIn(
  event: LoggedEvent,
  handlers: readonly NamedHandler[],
  isForNewer: boolean,
): DeferralPlace | undefined {
  // It may belong to any instance of a process manager that only newer code has.
  const keys: string[] = isForNewer ? [`/${event.key}`, newerPlace] : []
  const instances: string[] = []
  for (const handler of handlers) {
    if (handler.process === undefined || handler.input === undefined) {
      keys.push(`/${event.key}`)
      continue
    }
    try {
      const instance = handler.input.keyOf(readEventData(handler.event, event))
      if (instance === undefined) continue
      instances.push(String(instance))
      keys.push(`${handler.process.name}/${instance}`)
    } catch {
      return undefined
    }
  }
  const [instance = event.key] = instances
  return { key: keys.length === 1 ? instance : event.key, keys: [...new Set(keys)] }
}

/** Whether a handler is one for an event: for its type, and for what happened to it. */
export function handles(handler: NamedHandler, event: LoggedEvent): boolean {
  return handler.event.name === event.type && (handler.when === 'retracted') === (event.data === null)
}
