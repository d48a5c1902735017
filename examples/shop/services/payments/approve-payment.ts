// Approves the payment of an order, once.
import { ApprovePayment, PaymentApproved } from './contract.ts'
import { payments } from './service.ts'

export const approvePayment = payments.command(
  ApprovePayment,
  { publishes: [PaymentApproved] },
  async ({ orderId }, { tables, publish }) => {
    if ((await tables.approvals.get(orderId)) !== undefined) return
    tables.approvals.put({ orderId })
    publish(PaymentApproved, { orderId })
  },
)
