// The functions responsible for a delivery or an event, according to the declarations: a delivery names its subscriber, and one
// subscriber may have several functions for an event.

import type { LoggedEvent, NamedHandler, Service } from 'tidings'
import { type DeliveryAccount, declaredSubscriber } from 'tidings/operations'

/** Finds the functions of a system that are responsible for deliveries and events. */
export interface ResponsibleFunctions {
  /** The functions that a delivery runs: `open-case`, `process.fulfilment`; the subscriber's name if the code does not declare any. */
  functionsOf(delivery: DeliveryAccount, type: string): readonly string[]
  /** The queries that the functions of a delivery may look up: `reviews/review-text`. */
  lookupsOf(delivery: DeliveryAccount, type: string): readonly string[]
  /** Whether a delivery published an event. */
  published(event: LoggedEvent, delivery: DeliveryAccount, type: string): boolean
}

// If a process manager publishes an event, the event names the process as its cause, not the input.
// What was published before it was renamed has its old name.
function causesOf({ name, was, process: manager }: NamedHandler): readonly (string | undefined)[] {
  return manager === undefined
    ? [`handler/${name}`, was && `handler/${was}`]
    : [`process/${manager.name}`, manager.was && `process/${manager.was}`]
}

/** Reads the functions from the declarations. */
export function responsibleFunctions(services: readonly Service[]): ResponsibleFunctions {
  const handlersOf = (delivery: DeliveryAccount, type: string): readonly NamedHandler[] => {
    const service = services.find(({ name }) => name === delivery.service)
    const declared = declaredSubscriber(delivery.subscriber)
    return service?.handlers.filter(({ subscriber, event }) => subscriber === declared && event.name === type) ?? []
  }
  return {
    functionsOf: (delivery, type) => {
      const names = handlersOf(delivery, type).map(({ name, process: manager }) =>
        manager === undefined ? name : `process.${manager.name}`,
      )
      return names.length === 0 ? [delivery.subscriber] : [...new Set(names)]
    },
    lookupsOf: (delivery, type) => [
      ...new Set(
        handlersOf(delivery, type).flatMap(({ lookups }) => lookups.map(({ owner, name }) => `${owner}/${name}`)),
      ),
    ],
    published: (event, delivery, type) => {
      if (event.source !== delivery.service) return false
      return handlersOf(delivery, type).some(
        (handler) =>
          causesOf(handler).includes(event.causedBy) ||
          handler.executes.some(({ name }) => event.causedBy === `command/${name}`),
      )
    },
  }
}
