// What the types of reads allow: only declared indexes, with values of their fields.

import { z } from 'zod'
import { defineTable } from '../contracts/index.ts'
import { defineQuery } from '../contracts/query.ts'
import { defineService } from './service.ts'

const payments = defineTable('payments')
  .version(
    1,
    z.object({ paymentId: z.string(), orderId: z.string(), paidAt: z.string(), open: z.boolean(), cents: z.number() }),
  )
  .key(({ paymentId }) => paymentId)
  .index('orderId')
  .index('paidAt')
  .index('open')

const Payments = defineQuery('payments', {
  owner: 'payments',
  input: z.object({ orderId: z.string(), after: z.string().optional() }),
  output: z.object({ ids: z.array(z.string()), next: z.string().optional() }),
})

const service = defineService('payments', { tables: { payments } })

service.query(Payments, async ({ orderId, after }, { tables }) => {
  // What a client sends is passed on as it is, and what comes back is an answer.
  const { rows, next } = await tables.payments.page({ where: { orderId, open: true }, sort: 'paidAt', after, size: 20 })
  await tables.payments.page({ where: { open: null }, search: 'x', reverse: true })
  // @ts-expect-error: cents is not indexed
  await tables.payments.page({ where: { cents: 1 } })
  // @ts-expect-error: an order id is a text
  await tables.payments.page({ where: { orderId: 1 } })
  // @ts-expect-error: cents is not indexed
  await tables.payments.page({ sort: 'cents' })
  // @ts-expect-error: a size is a number
  await tables.payments.page({ size: '20' })
  return { ids: rows.map(({ paymentId }) => paymentId), next }
})
