// Two services in Tidings: a command publishes an event, and a handler of the other service writes a row and publishes one event.

import { defineCommand, defineEvent, defineService, defineTable, type Service } from 'tidings'
import type { EventLogSearch } from 'tidings/ports'
import * as z from 'zod'
import { OrderPlaced, ParcelDispatched } from '../orders.ts'
import type { Place } from '../work.ts'
import { openSystem } from './open-system.ts'

const PlaceOrder = defineCommand('place-order', { expose: true, input: OrderPlaced, key: (order) => order.orderId })

const Placed = defineEvent('bench.order-placed', { owner: 'orders', pattern: 'event-sourcing' })
  .version(1, OrderPlaced)
  .key((order) => order.orderId)

const Dispatched = defineEvent('bench.parcel-dispatched', { owner: 'shipping', pattern: 'notification' })
  .version(1, ParcelDispatched)
  .key((parcel) => parcel.parcelId)

const parcels = defineTable('parcels')
  .version(1, z.object({ id: z.string(), orderId: z.string(), customerId: z.string(), cents: z.int() }))
  .key((parcel) => parcel.id)

/** Options of the two services. */
export interface PipelineOptions {
  /** Which of them run in this process. Default: both. */
  readonly services?: readonly ('orders' | 'shipping')[]
  /** The most commands of one transaction. */
  readonly groupUnitsMax?: number
  /** The most events of one batch of the handler. */
  readonly batchCountMax?: number
  /** Called with each order when the handler gets it. */
  readonly handled?: (order: OrderPlaced) => void
}

/** The publishing service. */
export function orders(): Service {
  const service = defineService('orders', { publishes: [Placed] })
  const placeOrder = service.command(PlaceOrder, { publishes: [Placed] }, (order, { publish }) => {
    publish(Placed, order)
  })
  return service.with({ placeOrder })
}

function shipping({ batchCountMax, handled = () => undefined }: PipelineOptions): Service {
  const service = defineService('shipping', {
    publishes: [Dispatched],
    tables: { parcels },
    limits: batchCountMax === undefined ? {} : { batchCountMax },
  })
  const dispatchParcel = service.on(Placed, { publishes: [Dispatched] }, (order, { tables, publish }) => {
    handled(order)
    const { orderId, customerId, cents } = order
    tables.parcels.put({ id: `${orderId}/1`, orderId, customerId, cents })
    publish(Dispatched, { parcelId: `${orderId}/1`, orderId, cents })
  })
  return service.with({ dispatchParcel })
}

/** Opens the two services, or one of them. */
export async function openPipeline(place: Place, options: PipelineOptions = {}) {
  const { services = ['orders', 'shipping'], groupUnitsMax } = options
  const made = services.map((name) => (name === 'orders' ? orders() : shipping(options)))
  const system = await openSystem(place, made, groupUnitsMax === undefined ? {} : { groupUnitsMax })
  return {
    services: system.services,
    find: (search: Omit<EventLogSearch, 'limit'>, limit: number) =>
      system.service('orders').store.searchEventLog({ ...search, limit }),
    placeOrder: (input: unknown) => system.service('orders').command('place-order', input),
    settled: () => system.settled(),
    close: () => system.close(),
  }
}
