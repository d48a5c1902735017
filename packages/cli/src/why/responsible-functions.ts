// Which functions stand behind a delivery or an event, as far as the declarations tell: a delivery names its subscriber,
// and one subscriber may have several functions for an event.

import type { LoggedEvent, NamedHandler, Service } from 'tidings'
import type { DeliveryAccount } from 'tidings/operations'

/** The functions of a system, to be asked who did something. */
export interface ResponsibleFunctions {
  /** The functions a delivery runs: `open-case`, `process.fulfilment`; its subscriber's name where the code is not known. */
  behind(delivery: DeliveryAccount, type: string): readonly string[]
  /** The queries that a delivery's functions may look up: `reviews/review-text`. */
  lookupsOf(delivery: DeliveryAccount, type: string): readonly string[]
  /** Whether an event came out of a delivery. */
  published(event: LoggedEvent, delivery: DeliveryAccount, type: string): boolean
}

// An input of a process acts in its name.
function causeOf({ name, process: manager }: NamedHandler): string {
  return manager === undefined ? `handler/${name}` : `process/${manager.name}`
}

/** Reads the functions off the declarations. */
export function responsibleFunctions(services: readonly Service[]): ResponsibleFunctions {
  const handlersOf = (delivery: DeliveryAccount, type: string): readonly NamedHandler[] => {
    const service = services.find(({ name }) => name === delivery.service)
    return (
      service?.handlers.filter(({ subscriber, event }) => subscriber === delivery.subscriber && event.name === type) ??
      []
    )
  }
  return {
    behind: (delivery, type) => {
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
          event.causedBy === causeOf(handler) ||
          handler.executes.some(({ name }) => event.causedBy === `command/${name}`),
      )
    },
  }
}
