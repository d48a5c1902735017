// How the shop stands, out of what its services tell of themselves: what each has published, what is still to be heard, what is held.
import { distance } from 'tidings/ports'
import type { ServiceStatus } from 'tidings/runtime'

/** The most events that are still to be heard, of all subscribers together. */
export function lagOf(services: readonly ServiceStatus[]): number {
  return sum(services.flatMap(({ subscriptions }) => subscriptions.map(({ lag }) => lag)))
}

/** Events that are held: tried again, waited for, parked, or behind one of these. */
export function deferredOf(services: readonly ServiceStatus[]): number {
  return sum(
    services.flatMap(({ subscriptions }) =>
      subscriptions.map(({ retrying, waiting, parked, blocked }) => retrying + waiting + parked + blocked),
    ),
  )
}

/** How many events each service has published since the beginning, as far as anybody has heard. */
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
