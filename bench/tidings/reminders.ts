// A service in Tidings with timers: a command sets any number of them, and each writes a row when it is due.

import { defineCommand, defineService, defineTable, timer } from 'tidings'
import * as z from 'zod'
import { type Reminder, ReminderData, SetReminders, TakeNote } from '../reminders.ts'
import type { Place } from '../work.ts'
import { openSystem } from './open-system.ts'

const sent = defineTable('sent')
  .version(1, z.object({ reminderId: z.string(), customerId: z.string(), dueAt: z.int(), sentAt: z.int() }))
  .key((row) => row.reminderId)

const notes = defineTable('notes')
  .version(1, TakeNote)
  .key((row) => row.noteId)

const SetRemindersCommand = defineCommand('set-reminders', { input: SetReminders })
const TakeNoteCommand = defineCommand('take-note', { input: TakeNote })

function reminders(due: (dueAt: number) => void) {
  const service = defineService('reminders', { tables: { sent, notes }, timers: { remind: timer(ReminderData) } })
  return service.with({
    setReminders: service.command(SetRemindersCommand, (input, { timers }) => {
      for (const { reminderId, dueAt, customerId, text } of input.reminders)
        timers.remind.at(reminderId, new Date(dueAt), { customerId, text })
    }),
    takeNote: service.command(TakeNoteCommand, (note, { tables }) => tables.notes.put(note)),
    remind: service.due('remind', ({ customerId }, { tables, now, timer: { key, dueAt } }) => {
      due(dueAt.getTime())
      tables.sent.put({ reminderId: key, customerId, dueAt: dueAt.getTime(), sentAt: now().getTime() })
    }),
  })
}

/** Opens the service; `due` is called for each timer when its function begins. */
export async function openReminders(place: Place, due: (dueAt: number) => void) {
  const system = await openSystem(place, [reminders(due)])
  const service = system.service('reminders')
  return {
    set: (list: readonly Reminder[]) => service.command('set-reminders', { reminders: list }),
    note: (noteId: string) => service.command('take-note', { noteId, text: 'the counter was open' }),
    settled: () => system.settled(),
    close: () => system.close(),
  }
}
