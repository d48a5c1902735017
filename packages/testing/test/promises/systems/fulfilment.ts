// A small system with all three patterns, for promises: customers (state transfer), orders (event-sourced), reviews → support
// (notification with a lookup), shipping (a replica and a handler that publishes), insights (a projection over events).

import {
  defineCommand,
  defineDecider,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  fact,
  type Limits,
  replicaOf,
  type Service,
} from 'tidings'
import { z } from 'zod'
import type { World } from '../setup/world.ts'

export const CustomerChanged = defineEvent('test.customer-changed', { owner: 'customers', pattern: 'state-transfer' })
  .version(1, z.object({ customerId: z.string(), city: z.string() }))
  .key((customer) => customer.customerId)

export const OrderPlaced = defineEvent('test.order-placed', { owner: 'orders', pattern: 'event-sourcing' })
  .version(1, z.object({ orderId: z.string(), customerId: z.string(), cents: z.number() }))
  .key((order) => order.orderId)

export const OrderChanged = defineEvent('test.order-changed', { owner: 'orders', pattern: 'event-sourcing' })
  .version(1, z.object({ orderId: z.string(), change: z.number() }))
  .key((order) => order.orderId)

export const ParcelDispatched = defineEvent('test.parcel-dispatched', { owner: 'shipping', pattern: 'notification' })
  .version(1, z.object({ orderId: z.string(), city: z.string() }))
  .key((parcel) => parcel.orderId)

export const ReviewSubmitted = defineEvent('test.review-submitted', { owner: 'reviews', pattern: 'notification' })
  .version(1, z.object({ reviewId: z.string() }))
  .key((review) => review.reviewId)

export const RegisterCustomer = defineCommand('register-customer', {
  input: z.object({ customerId: z.string(), city: z.string() }),
})
export const PlaceOrder = defineCommand('place-order', {
  input: z.object({ orderId: z.string(), customerId: z.string(), cents: z.number() }),
  key: (order) => order.orderId,
})
export const ChangeOrder = defineCommand('change-order', {
  input: z.object({ orderId: z.string(), change: z.number() }),
  key: (order) => order.orderId,
})
export const SubmitReview = defineCommand('submit-review', {
  input: z.object({ reviewId: z.string(), text: z.string() }),
})
export const ReviewText = defineQuery('review-text', {
  owner: 'reviews',
  input: z.object({ reviewId: z.string() }),
  output: z.object({ text: z.string() }),
})
export const Totals = defineQuery('totals', {
  owner: 'insights',
  input: z.object({}),
  output: z.object({ orders: z.number(), cents: z.number(), changes: z.array(z.string()) }),
})

const order = defineDecider('order', {
  commands: { PlaceOrder, ChangeOrder },
  facts: {
    placed: fact(z.object({ customerId: z.string(), cents: z.number() })),
    changed: fact(z.object({ change: z.number() })),
  },
  initialState: () => ({ placed: false }),
  decide: {
    PlaceOrder: ({ customerId, cents }, state, { facts, reject }) =>
      state.placed ? reject('already-placed', 'The order was placed before.') : facts.placed({ customerId, cents }),
    ChangeOrder: ({ change }, state, { facts, reject }) =>
      state.placed ? facts.changed({ change }) : reject('not-placed', 'The order was never placed.'),
  },
  evolve: { placed: () => ({ placed: true }), changed: (state) => state },
})

const customersDefinition = defineService('customers', { publishes: [CustomerChanged] })
export const customers = customersDefinition.with({
  register: customersDefinition.command(RegisterCustomer, { publishes: [CustomerChanged] }, (input, { publish }) =>
    publish(CustomerChanged, input),
  ),
})

const ordersDefinition = defineService('orders', { publishes: [OrderPlaced, OrderChanged] })
export const orders = ordersDefinition.with({
  orderStream: ordersDefinition.decider(order, {
    publishes: [OrderPlaced, OrderChanged],
    announce: {
      placed: (data, _state, { event, meta }) => event(OrderPlaced, { orderId: meta.stream, ...data }),
      changed: (data, _state, { event, meta }) => event(OrderChanged, { orderId: meta.stream, ...data }),
    },
  }),
})

const texts = defineTable('texts')
  .version(1, z.object({ reviewId: z.string(), text: z.string() }))
  .key((row) => row.reviewId)
const reviewsDefinition = defineService('reviews', { publishes: [ReviewSubmitted], tables: { texts } })
export const reviews = reviewsDefinition.with({
  submit: reviewsDefinition.command(SubmitReview, { publishes: [ReviewSubmitted] }, (input, { tables, publish }) => {
    tables.texts.put(input)
    publish(ReviewSubmitted, { reviewId: input.reviewId })
  }),
  text: reviewsDefinition.query(ReviewText, ({ reviewId }, { tables }) => tables.texts.get(reviewId)),
})

const cases = defineTable('cases')
  .version(1, z.object({ reviewId: z.string(), text: z.string(), opened: z.number() }))
  .key((row) => row.reviewId)
const supportDefinition = defineService('support', { tables: { cases } })
export const support = supportDefinition.with({
  openCase: supportDefinition.on(ReviewSubmitted, { lookups: [ReviewText] }, async (review, { tables, lookup }) => {
    const found = await lookup(ReviewText, review)
    const before = await tables.cases.get(review.reviewId)
    tables.cases.put({ reviewId: review.reviewId, text: found?.text ?? '(gone)', opened: (before?.opened ?? 0) + 1 })
  }),
})

const parcels = defineTable('parcels')
  .version(1, z.object({ orderId: z.string(), city: z.string(), times: z.number(), changes: z.array(z.number()) }))
  .key((row) => row.orderId)
  .index('city')

/** What a test adds to shipping's handlers. */
export interface ShippingHooks {
  onPlaced?(orderId: string): void | Promise<void>
  onChanged?(orderId: string, change: number): void | Promise<void>
  readonly limits?: Partial<Limits>
}

export function shippingWith(hooks: ShippingHooks = {}): Service {
  const definition = defineService('shipping', {
    publishes: [ParcelDispatched],
    tables: { parcels },
    replicas: { customers: replicaOf(CustomerChanged) },
    limits: hooks.limits ?? {},
  })
  return definition.with({
    dispatchParcel: definition.on(
      OrderPlaced,
      { publishes: [ParcelDispatched] },
      async ({ orderId, customerId }, { tables, replicas, publish }) => {
        const { city } = await replicas.customers.require(customerId)
        const before = await tables.parcels.get(orderId)
        tables.parcels.put({ orderId, city, times: (before?.times ?? 0) + 1, changes: before?.changes ?? [] })
        publish(ParcelDispatched, { orderId, city })
        await hooks.onPlaced?.(orderId)
      },
    ),
    noteChange: definition.on(OrderChanged, async ({ orderId, change }, { tables }) => {
      const parcel = await tables.parcels.get(orderId)
      tables.parcels.put({
        orderId,
        city: parcel?.city ?? '?',
        times: parcel?.times ?? 0,
        changes: [...(parcel?.changes ?? []), change],
      })
      await hooks.onChanged?.(orderId, change)
    }),
  })
}

const totals = defineTable('totals')
  .version(1, z.object({ id: z.string(), orders: z.number(), cents: z.number(), changes: z.array(z.string()) }))
  .key((row) => row.id)
const insightsDefinition = defineService('insights', { readModels: { totals } })
const nothing = { id: 'all', orders: 0, cents: 0, changes: [] as string[] }
export const insights = insightsDefinition.with({
  totals: insightsDefinition
    .projection('totals', { writes: ['totals'] })
    .on(OrderPlaced, async ({ cents }, { tables }) => {
      const row = (await tables.totals.get('all')) ?? nothing
      tables.totals.put({ ...row, orders: row.orders + 1, cents: row.cents + cents })
    })
    .on(OrderChanged, async ({ orderId, change }, { tables }) => {
      const row = (await tables.totals.get('all')) ?? nothing
      tables.totals.put({ ...row, changes: [...row.changes, `${orderId}:${change}`] })
    }),
  answer: insightsDefinition.query(
    Totals,
    async (_input, { readModels }) => (await readModels.totals.get('all')) ?? nothing,
  ),
})

/** All six services. */
export function fulfilment(hooks: ShippingHooks = {}): readonly Service[] {
  return [customers, orders, reviews, support, shippingWith(hooks), insights]
}

/** The commands of a small day, each with an idempotency key, so that they can be sent again after a kill. */
export const commandsOfTheDay: readonly { service: string; command: string; input: object }[] = [
  { service: 'customers', command: 'register-customer', input: { customerId: 'c1', city: 'Porto' } },
  { service: 'orders', command: 'place-order', input: { orderId: 'o1', customerId: 'c1', cents: 100 } },
  { service: 'orders', command: 'place-order', input: { orderId: 'o2', customerId: 'c2', cents: 20 } },
  { service: 'orders', command: 'change-order', input: { orderId: 'o1', change: 1 } },
  { service: 'customers', command: 'register-customer', input: { customerId: 'c2', city: 'Braga' } },
  { service: 'reviews', command: 'submit-review', input: { reviewId: 'r1', text: 'late' } },
  { service: 'orders', command: 'change-order', input: { orderId: 'o1', change: 2 } },
  { service: 'orders', command: 'place-order', input: { orderId: 'o3', customerId: 'c1', cents: 3 } },
  { service: 'customers', command: 'register-customer', input: { customerId: 'c1', city: 'Faro' } },
  { service: 'orders', command: 'change-order', input: { orderId: 'o1', change: 3 } },
]

/** Sends a command; `undefined` if the world was killed meanwhile. */
export function send(world: World, service: string, command: string, input: object, idempotencyKey?: string) {
  const options = idempotencyKey === undefined ? {} : { idempotencyKey }
  return world.run(world.system.service(service).command(command, input, options))
}

/** All rows of a service's table, as documents. */
export async function rowsOf(
  world: World,
  service: string,
  table: string,
): Promise<readonly Record<string, unknown>[]> {
  const rows = await world.system.service(service).store.find({ table, limit: 1000 })
  return rows.map((row) => JSON.parse(row.json) as Record<string, unknown>)
}

/** The types of what a service has published, in order. */
export async function publishedBy(world: World, service: string): Promise<readonly string[]> {
  const page = await world.system.service(service).store.readEventLog({ after: '', limit: 1000 })
  return page.events.map((event) => `${event.type} ${event.key}`)
}
