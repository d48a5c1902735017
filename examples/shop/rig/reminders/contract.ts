// What others may know of `reminders`: of every order that was placed, either that its customer was reminded to pay or that there was no need.
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
