// The service `reminders`. It exists for the rig, because the shop's own services have no timers and no effects.
import { defineService } from 'tidings'
import { ReminderCalledOff, ReminderSent } from './contract.ts'

export const reminders = defineService('reminders', {
  description: 'Reminds customers to pay.',
  publishes: [ReminderSent, ReminderCalledOff],
})
