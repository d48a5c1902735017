// What `reminders` says. It exists for the rig: the shop's own services have neither timers nor effects.
import { defineService } from 'tidings'
import { ReminderCalledOff, ReminderSent } from './contract.ts'

export const reminders = defineService('reminders', {
  description: 'Reminds customers to pay.',
  publishes: [ReminderSent, ReminderCalledOff],
})
