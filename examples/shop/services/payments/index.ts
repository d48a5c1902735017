// The service `payments`.
import { approvePayment } from './approve-payment.ts'
import { paymentsOfOrder } from './payments-of-order.ts'
import { recordPayment } from './record-payment.ts'
import { payments } from './service.ts'

export default payments.with({ recordPayment, approvePayment, paymentsOfOrder })
