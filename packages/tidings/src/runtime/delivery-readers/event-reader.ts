// Reads the events of some types that a service publishes.

import type { LoggedEvent } from '../../contracts/index.ts'
import type { SlotRange } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Delivery, DeliveryReader } from './delivery-reader.ts'

/**
 * The events of the given types from a source; with `slots`, only those whose key has one of these slots.
 *
 * @param subscriber - who hears them, as it is declared.
 */
export function eventReader(
  core: ServiceCore,
  source: string,
  subscriber: string,
  types: readonly string[],
  slots?: SlotRange,
): DeliveryReader {
  const divided = slots === undefined ? {} : { slots }
  const by = { service: core.service.name, subscriber }
  return {
    source,
    read: async (after, limit, isLook = false) => {
      const answer = core.broker.read(source, { after, limit, types, ...divided, edges: true, isLook }, by)
      const page = answer instanceof Promise ? await answer : answer
      const { epoch, events, next, head, edges } = page
      return { epoch, deliveries: events.map(eventDelivery), next, head, edges }
    },
    earlierEpochs: async () => core.broker.earlierEpochs(source, by),
    watch: (wake) => core.broker.watch(source, wake),
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
