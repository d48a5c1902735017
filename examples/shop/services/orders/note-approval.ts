// Payments says that an order's payment was approved: it becomes a fact of the order's own history.
import { PaymentApproved } from '../payments/contract.ts'
import { ApproveOrder } from './contract.ts'
import { orders } from './service.ts'

export const noteApproval = orders.on(
  PaymentApproved,
  { executes: [ApproveOrder] },
  async ({ orderId }, { execute }) => {
    await execute(ApproveOrder, { orderId })
  },
)
