// The contract of `payments`: each payment, and that an order's payment was approved.
import { defineCommand, defineEvent, defineQuery } from 'tidings'
import { z } from 'zod'
import { Cents, Id } from '../words.ts'

/** One payment; an order may have several. Their sum may differ from the order's total, because of vouchers or interest. */
export const Payment = z.object({
  orderId: Id,
  /** 1 for the first payment of an order. */
  sequence: z.int().positive(),
  /** The name in the data set: `credit_card`, `boleto`, `voucher`, `debit_card`, `not_defined`. */
  type: z.string().min(1).max(64),
  installments: z.int().nonnegative(),
  cents: Cents,
})

/** The id of a payment: its order and its number among the order's payments. */
export const paymentIdOf = (payment: { readonly orderId: string; readonly sequence: number }): string =>
  `${payment.orderId}/${payment.sequence}`

/** A payment was made. */
export const PaymentRecorded = defineEvent('shop.payment-recorded', { owner: 'payments', pattern: 'state-transfer' })
  .version(1, Payment)
  .key(paymentIdOf)

/** The payment of an order was approved. */
export const PaymentApproved = defineEvent('shop.payment-approved', { owner: 'payments', pattern: 'notification' })
  .version(1, z.object({ orderId: Id }))
  .key((approval) => approval.orderId)

/** Records a payment of an order. */
export const RecordPayment = defineCommand('record-payment', { expose: true, input: Payment, key: paymentIdOf })

/** Approves the payment of an order. */
export const ApprovePayment = defineCommand('approve-payment', {
  expose: true,
  input: z.object({ orderId: Id }),
  key: (approval) => approval.orderId,
})

/** The payments of an order. */
export const PaymentsOfOrder = defineQuery('payments-of-order', {
  owner: 'payments',
  expose: true,
  input: z.object({ orderId: Id }),
  output: z.object({ approved: z.boolean(), payments: z.array(Payment) }),
})
