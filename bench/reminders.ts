// What all contenders set timers for: a reminder of about 100 bytes, and the commands that set reminders and do other work beside them.

import * as z from 'zod'

/** Validates what a reminder carries. */
export const ReminderData = z.object({ customerId: z.string().min(1), text: z.string() })

/** What a reminder carries. */
export type ReminderData = z.infer<typeof ReminderData>

/** Validates a reminder that is to be set. */
export const Reminder = ReminderData.extend({
  reminderId: z.string().min(1),
  /** In milliseconds since 1970. */
  dueAt: z.int(),
})

/** A reminder that is to be set. */
export type Reminder = z.infer<typeof Reminder>

/** Validates the command that sets reminders. */
export const SetReminders = z.object({ reminders: z.array(Reminder).min(1) })

/** Validates the command that is carried out beside reminders: it writes one row. */
export const TakeNote = z.object({ noteId: z.string().min(1), text: z.string() })

/** The reminder of a number, due at a moment. Ids grow with the numbers, as those of orders do. */
export function makeReminder(number: number, dueAt: number): Reminder {
  return {
    reminderId: `order-${String(number).padStart(9, '0')}`,
    dueAt,
    customerId: `customer-${(number * 7_919) % 1_000}`,
    text: 'your order waits to be collected at the counter',
  }
}
