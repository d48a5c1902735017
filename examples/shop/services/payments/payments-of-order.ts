// Answers with the payments of an order.
import { PaymentsOfOrder } from './contract.ts'
import { payments } from './service.ts'

export const paymentsOfOrder = payments.query(PaymentsOfOrder, async ({ orderId }, { tables }) => {
  const made = await tables.payments.find('orderId', orderId)
  const approval = await tables.approvals.get(orderId)
  return { approved: approval !== undefined, payments: made.toSorted((a, b) => a.sequence - b.sequence) }
})
