// Records a payment, even if the payments of the order don't add up: real ones sometimes don't.
import { reject } from 'tidings'
import { sameFields } from '../same-fields.ts'
import { PaymentRecorded, paymentIdOf, RecordPayment } from './contract.ts'
import { payments } from './service.ts'

export const recordPayment = payments.command(
  RecordPayment,
  { publishes: [PaymentRecorded] },
  async (payment, { tables, publish }) => {
    const known = await tables.payments.get(paymentIdOf(payment))
    if (known !== undefined) {
      const { orderId, sequence } = payment
      if (sameFields(known, payment)) return undefined
      return reject('already-recorded', `Payment ${sequence} of order ${orderId} was already recorded with other data.`)
    }
    tables.payments.put(payment)
    publish(PaymentRecorded, payment)
    return undefined
  },
)
