// The data of the timer rows: a reminder of about 100 bytes, and the commands that set reminders and do other work meanwhile.

import * as z from 'zod'

/** Validates the data of a reminder. */
export const ReminderData = z.object({ customerId: z.string().min(1), text: z.string() })

/** The data of a reminder. */
export type ReminderData = z.infer<typeof ReminderData>

/** Validates a reminder to set. */
export const Reminder = ReminderData.extend({
  reminderId: z.string().min(1),
  /** In milliseconds since 1970. */
  dueAt: z.int(),
})

/** A reminder to set. */
export type Reminder = z.infer<typeof Reminder>

/** Validates the command that sets reminders. */
export const SetReminders = z.object({ reminders: z.array(Reminder).min(1) })

/** Validates the command that runs while reminders are due: it writes one row. */
export const TakeNote = z.object({ noteId: z.string().min(1), text: z.string() })

/** Validates the row that a timer writes when it is due. */
export const SentRow = z.object({ reminderId: z.string(), customerId: z.string(), dueAt: z.int(), sentAt: z.int() })

/** Makes a reminder from a number. Ids grow with the numbers, as ids of orders do. */
export function makeReminder(number: number, dueAt: number): Reminder {
  return {
    reminderId: `order-${String(number).padStart(9, '0')}`,
    dueAt,
    customerId: `customer-${(number * 7_919) % 1_000}`,
    text: 'your order waits to be collected at the counter',
  }
}
