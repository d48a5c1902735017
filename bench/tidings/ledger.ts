// An event-sourced service in Tidings: streams of orders, their state, and a read model of customers.

import { defineDecider, defineQuery, defineService, defineTable, fact, type Service } from 'tidings'
import * as z from 'zod'
import { addOrder, emptyTotal, OrderPlaced, type OrderTotal } from '../orders.ts'
import type { Place } from '../work.ts'
import { openSystem } from './open-system.ts'

const order = defineDecider('order', {
  commands: {},
  facts: { placed: fact(OrderPlaced) },
  initialState: () => emptyTotal,
  decide: {},
  evolve: { placed: (total: OrderTotal, data) => addOrder(total, data) },
})

const OrderTotalOf = defineQuery('order-total', {
  owner: 'ledger',
  input: z.object({ stream: z.string() }),
  output: z.object({ count: z.int(), cents: z.int(), lastMonth: z.string() }),
})

const customers = defineTable('customers')
  .version(1, z.object({ customer: z.string(), orders: z.int(), cents: z.int() }))
  .key((row) => row.customer)

function ledger(projection: boolean): Service {
  const service = defineService('ledger', { readModels: { customers } })
  const streams = service.decider(order)
  const orderTotal = service.query(OrderTotalOf, async ({ stream }, context) => {
    const { state } = await context.streams.load(order, stream)
    return state
  })
  if (!projection) return defineService('ledger').with({ streams, orderTotal })
  const byCustomer = service
    .projection('by-customer', { writes: ['customers'] })
    .onFact(order, 'placed', async ({ customerId, cents }, { tables }) => {
      const row = (await tables.customers.get(customerId)) ?? { customer: customerId, orders: 0, cents: 0 }
      tables.customers.put({ customer: customerId, orders: row.orders + 1, cents: row.cents + cents })
    })
  return service.with({ streams, orderTotal, byCustomer })
}

/** Opens the service, with its read model if `projection` is true. */
export async function openLedger(place: Place, { projection = false } = {}) {
  const system = await openSystem(place, [ledger(projection)])
  const service = system.service('ledger')
  return {
    append: (stream: string, expectedVersion: number, orders: readonly OrderPlaced[]) =>
      service.append(
        order,
        stream,
        orders.map((data) => order.make.placed(data)),
        { expectedVersion },
      ),
    fold: async (stream: string) => (await service.query('order-total', { stream })) as OrderTotal,
    rebuild: () => service.rebuild('by-customer'),
    settled: () => system.settled(),
    close: () => system.close(),
  }
}
