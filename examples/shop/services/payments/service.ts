// The service `payments`: every payment, and the orders whose payment was approved. It subscribes to nothing.
import { defineService, defineTable } from 'tidings'
import { z } from 'zod'
import { Id } from '../words.ts'
import { Payment, PaymentApproved, PaymentRecorded, paymentIdOf } from './contract.ts'

const paymentTable = defineTable('payments').version(1, Payment).key(paymentIdOf).index('orderId')

const approvals = defineTable('approvals')
  .version(1, z.object({ orderId: Id }))
  .key((approval) => approval.orderId)

export const payments = defineService('payments', {
  description: 'Payments and their approvals.',
  publishes: [PaymentRecorded, PaymentApproved],
  tables: { payments: paymentTable, approvals },
})
