// The service `reminders`.
import { sendReminder } from './send-reminder.ts'
import { reminders } from './service.ts'
import { unpaidOrder } from './unpaid-order.ts'

export default reminders.with({ unpaidOrder, sendReminder })
