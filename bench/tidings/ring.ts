// Any number of services in Tidings, in a ring: a command of each publishes an event, and the next service writes a row for it.

import { defineCommand, defineEvent, defineService, defineTable, type Service } from 'tidings'
import * as z from 'zod'
import type { Place } from '../work.ts'
import { openSystem } from './open-system.ts'

const Note = z.object({ noteId: z.string().min(1), text: z.string() })

const notes = defineTable('notes')
  .version(1, Note)
  .key((note) => note.noteId)

const nameOf = (index: number) => `service-${index}`

function ring(count: number): readonly Service[] {
  const events = Array.from({ length: count }, (_, index) =>
    defineEvent(`bench.noted-by-${index}`, { owner: nameOf(index), pattern: 'notification' })
      .version(1, Note)
      .key((note) => note.noteId),
  )
  return events.flatMap((Noted, index) => {
    const Before = events[(index + count - 1) % count]
    if (Before === undefined) return []
    const service = defineService(nameOf(index), { publishes: [Noted], tables: { notes } })
    return [
      service.with({
        note: service.command(defineCommand('note', { input: Note }), { publishes: [Noted] }, (note, { publish }) =>
          publish(Noted, note),
        ),
        hear: service.on(Before, (note, { tables }) => tables.notes.put(note)),
      }),
    ]
  })
}

/** Opens the services. */
export async function openRing(place: Place, count: number) {
  const system = await openSystem(place, ring(count))
  return {
    /** Sends a command to one of the services. */
    note: (index: number, number: number) =>
      system.service(nameOf(index % count)).command('note', { noteId: `note-${number}`, text: 'the counter was open' }),
    settled: () => system.settled(),
    close: () => system.close(),
  }
}
