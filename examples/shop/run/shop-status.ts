// Sums over the status of the shop's services: published events, unhandled events, deferred events.
import { distance } from 'tidings/ports'
import type { ServiceStatus } from 'tidings/runtime'

/** The number of events that are not handled yet, at most, over all subscribers. */
export function lagOf(services: readonly ServiceStatus[]): number {
  return sum(services.flatMap(({ subscriptions }) => subscriptions.map(({ lag }) => lag)))
}

/** The number of events that were handled since the services started, over all subscribers. */
export function handledBy(services: readonly ServiceStatus[]): number {
  return sum(services.flatMap(({ subscriptions }) => subscriptions.map(({ handled }) => handled)))
}

/** The number of deferred events: retrying, waiting, parked, or blocked behind one of these. */
export function deferredOf(services: readonly ServiceStatus[]): number {
  return sum(
    services.flatMap(({ subscriptions }) =>
      subscriptions.map(({ retrying, waiting, parked, blocked }) => retrying + waiting + parked + blocked),
    ),
  )
}

/** The number of events that each service has published since the beginning, as far as it or a subscriber reports. */
export function publishedBy(services: readonly ServiceStatus[]): ReadonlyMap<string, number> {
  const published = new Map<string, number>()
  const atLeast = (service: string, position: string) =>
    published.set(service, Math.max(published.get(service) ?? 0, distance('', position)))
  for (const { service, eventLogHead, subscriptions } of services) {
    atLeast(service, eventLogHead)
    for (const { source, head } of subscriptions) atLeast(source, head)
  }
  return published
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
