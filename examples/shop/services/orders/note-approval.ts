// Records in the order's history that its payment was approved.
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
