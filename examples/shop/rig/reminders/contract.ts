// The contract of `reminders`: for every placed order, either that its customer was reminded to pay, or that the payment came in time.
import { defineEvent } from 'tidings'
import { z } from 'zod'
import { Id } from '../../services/words.ts'

const OfOrder = z.object({ orderId: Id })
const notification = { owner: 'reminders', pattern: 'notification' } as const

/** The customer was reminded. */
export const ReminderSent = defineEvent('shop.reminder-sent', notification)
  .version(1, OfOrder)
  .key((reminder) => reminder.orderId)

/** The payment was approved in time. */
export const ReminderCalledOff = defineEvent('shop.reminder-called-off', notification)
  .version(1, OfOrder)
  .key((reminder) => reminder.orderId)
