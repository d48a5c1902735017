// What the types of SQL allow: only tables that are there, and only fields of their rows, each with its type.

import { z } from 'zod'
import { defineEvent } from '../contracts/event.ts'
import { defineTable } from '../contracts/index.ts'
import { defineQuery } from '../contracts/query.ts'
import { replicaOf } from './replica.ts'
import { defineService } from './service.ts'
import type { SqlOf } from './service-definition.ts'
import type { Sql } from './sql.ts'

const CustomerChanged = defineEvent('shop.customer-changed', { owner: 'customers', pattern: 'state-transfer' })
  .version(1, z.object({ id: z.string(), state: z.string() }))
  .key(({ id }) => id)

const orders = defineTable('orders')
  .version(
    1,
    z.object({
      id: z.string(),
      status: z.enum(['open', 'paid']).nullable(),
      cents: z.int().optional(),
      gift: z.boolean(),
      mixed: z.union([z.string(), z.number()]),
      free: z.unknown(),
      address: z.object({ city: z.string(), zip: z.number() }).nullable(),
      items: z.array(z.object({ sku: z.string(), cents: z.number() })),
      tags: z.array(z.string()),
      by: z.record(z.string(), z.number()),
      paid: z.discriminatedUnion('by', [
        z.object({ by: z.literal('card'), last4: z.string() }),
        z.object({ by: z.literal('cash'), given: z.number() }),
      ]),
    }),
  )
  .key(({ id }) => id)

const Any = defineQuery('any', { owner: 'shop', input: z.object({}), output: z.unknown() })
const shop = defineService('shop', { tables: { orders }, replicas: { customers: replicaOf(CustomerChanged) } })

shop.query(Any, async (_, { sql }) => {
  const o = sql.table('orders').as('o')
  o.text('id')
  o.text('status')
  o.integer('cents')
  o.number('cents')
  o.boolean('gift')
  o.text('free')
  o.in('address').text('city')
  o.in('items').in(0).integer('cents')
  o.in('tags').text(0)
  o.in('by').number('anything')
  o.in('paid').text('last4')
  o.in('paid').number('given')
  o.in('free').in('whatever').text('is here')
  sql.table('customers').text('state')
  void sql.time(o.integer('cents'), 'month')
  void sql.time(sql`${o.integer('cents')} * ${1_000}`, 'day')
  helper(sql)
  ofOrders(sql)
  // @ts-expect-error: there is no such table
  sql.table('order')
  // @ts-expect-error: there is no such field
  o.text('stauts')
  // @ts-expect-error: a status is a text
  o.integer('status')
  // @ts-expect-error: an amount is no text
  o.text('cents')
  // @ts-expect-error: true and false are no numbers
  o.number('gift')
  // @ts-expect-error: it may be a number
  o.text('mixed')
  // @ts-expect-error: an address is an object
  o.text('address')
  // @ts-expect-error: an address has no street
  o.in('address').text('street')
  // @ts-expect-error: a list has no names
  o.in('items').in('cents')
  // @ts-expect-error: a tag is a text
  o.in('tags').number(0)
  // @ts-expect-error: a customer has no city
  sql.table('customers').text('city')
  // @ts-expect-error: a week is no beginning of an ISO text
  void sql.time(o.integer('cents'), 'week')
  // @ts-expect-error: a time is an expression
  void sql.time(5, 'day')
  return sql`SELECT ${o.text('id')} AS id FROM ${o}`
})

function helper(sql: Sql): void {
  sql.table('whatever').in('some').text('field')
}

function ofOrders(sql: SqlOf<typeof shop>): void {
  sql.table('orders').text('id')
  // @ts-expect-error: an amount is no text
  sql.table('orders').text('cents')
}
