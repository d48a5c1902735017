// Timers by hand: a table with an index on the due time. The loop sleeps until the first timer is due and takes due timers in batches.
// Invariant: a timer is deleted in the transaction of its effect, so each has its effect once.

import { uuidv7 } from 'uuidv7'
import { type Reminder, ReminderData, SentRow, SetReminders, TakeNote } from '../reminders.ts'
import type { Place } from '../work.ts'
import { openGroupCommit } from './group-commit.ts'
import { openDatabase } from './open-database.ts'

const batchCountMax = 256

/** The longest sleep, in milliseconds: the clock may be changed. */
const sleepMsMax = 1_000

/** Opens the timers; `due` is called for each when its handling begins. */
export function openReminders({ folder, durability }: Place, due: (dueAt: number) => void) {
  const database = openDatabase(folder, 'reminders', durability)
  const { sqlite, transaction } = database
  sqlite.exec(`CREATE TABLE IF NOT EXISTS timers (
      id TEXT PRIMARY KEY, due_at INTEGER NOT NULL, correlation_id TEXT NOT NULL, causation_id TEXT NOT NULL,
      occurred_at INTEGER NOT NULL, data TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS timers_due_at ON timers (due_at);
    CREATE TABLE IF NOT EXISTS sent (
      id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, due_at INTEGER NOT NULL, sent_at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY, text TEXT NOT NULL)`)
  const together = openGroupCommit(database)
  const insert = sqlite.prepare(`INSERT INTO timers VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    due_at = excluded.due_at, correlation_id = excluded.correlation_id, causation_id = excluded.causation_id,
    occurred_at = excluded.occurred_at, data = excluded.data`)
  const select = sqlite.prepare('SELECT id, due_at, data FROM timers WHERE due_at <= ? ORDER BY due_at LIMIT ?')
  select.setReturnArrays(true)
  const first = sqlite.prepare('SELECT min(due_at) FROM timers')
  first.setReturnArrays(true)
  const remove = sqlite.prepare('DELETE FROM timers WHERE id = ?')
  const put = sqlite.prepare(`INSERT INTO sent VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    customer_id = excluded.customer_id, due_at = excluded.due_at, sent_at = excluded.sent_at`)
  const putNote = sqlite.prepare('INSERT INTO notes VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET text = excluded.text')
  let nextAt = Number.POSITIVE_INFINITY
  let sleeping: NodeJS.Timeout | undefined
  let closed = false

  function takeDue(): number {
    return transaction(() => {
      const now = Date.now()
      const rows = select.all(now, batchCountMax) as unknown as [string, number, string][]
      for (const [id, dueAt, text] of rows) {
        due(dueAt)
        const { customerId } = JSON.parse(text) as ReminderData
        const row = SentRow.parse({ reminderId: id, customerId, dueAt, sentAt: Date.now() })
        put.run(row.reminderId, row.customerId, row.dueAt, row.sentAt)
        remove.run(id)
      }
      return rows.length
    })
  }

  function pump(): void {
    if (closed) return
    if (takeDue() === batchCountMax) {
      setImmediate(pump)
      return
    }
    const [at] = first.get() as unknown as [number | null]
    nextAt = at ?? Number.POSITIVE_INFINITY
    sleep()
  }

  function sleep(): void {
    clearTimeout(sleeping)
    sleeping = setTimeout(pump, Math.min(sleepMsMax, Math.max(0, nextAt - Date.now())))
  }

  function setOne({ reminderId, dueAt, ...rest }: Reminder, commandId: string): void {
    const data = JSON.stringify(ReminderData.parse(rest))
    insert.run(reminderId, dueAt, commandId, commandId, Date.now(), data)
  }

  sleep()
  return {
    set: async (list: readonly Reminder[]) => {
      const { reminders } = SetReminders.parse({ reminders: list })
      const commandId = uuidv7()
      await together(() => {
        for (const reminder of reminders) setOne(reminder, commandId)
      })
      const earliest = Math.min(...reminders.map(({ dueAt }) => dueAt))
      if (earliest >= nextAt) return
      nextAt = earliest
      sleep()
    },
    note: async (noteId: string) => {
      const note = TakeNote.parse({ noteId, text: 'the counter was open' })
      await together(() => {
        const row = TakeNote.parse(note)
        putNote.run(row.noteId, row.text)
      })
    },
    close: () => {
      closed = true
      clearTimeout(sleeping)
      database.close()
      return database.released()
    },
  }
}
