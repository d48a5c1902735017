// The hand-written timers do the whole work: each has its effect once, timers that are not due wait, and setting one again replaces it.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder, removeFolder } from '../harness/folders.ts'
import { makeReminder } from '../reminders.ts'
import { openDatabase } from './open-database.ts'
import { openReminders } from './reminders.ts'

let folder = ''
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => removeFolder(folder))

test('timers that are due have their effect once, in more than one batch; timers that are not due wait', async () => {
  const place = { folder, durability: 'process-crash' } as const
  const now = Date.now()
  let fired = 0
  const all = Promise.withResolvers<void>()
  const reminders = openReminders(place, () => {
    fired += 1
    if (fired === 600) setImmediate(all.resolve)
  })
  const farOff = Array.from({ length: 50 }, (_, number) => makeReminder(number, now + 1_000_000))
  await reminders.set(farOff)
  // Set again: due at once instead of later.
  await reminders.set(Array.from({ length: 600 }, (_, number) => makeReminder(number + 10, now - 1)))
  await expect(reminders.set([{ ...makeReminder(1, now), customerId: '' }])).rejects.toThrow()
  await reminders.note('a note')
  await all.promise
  await reminders.close()
  const { sqlite, close } = openDatabase(folder, 'reminders', 'process-crash')
  const counts = `SELECT (SELECT count(*) FROM sent) AS sent, (SELECT count(*) FROM timers) AS waiting,
    (SELECT count(*) FROM notes) AS notes`
  expect(sqlite.prepare(counts).get()).toEqual({ sent: 600, waiting: 10, notes: 1 })
  close()
  expect(fired).toBe(600)
})
