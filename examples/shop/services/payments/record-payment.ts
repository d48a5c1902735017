// Records a payment as it was made, whatever the order came to: payments that don't add up are real.
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
      return reject('already-recorded', `Payment ${sequence} of order ${orderId} was recorded before, and differently.`)
    }
    tables.payments.put(payment)
    publish(PaymentRecorded, payment)
    return undefined
  },
)
