// Notes that only their owner sees, for tests of the front: callers say who they are in headers, and `authorize` notes the address it saw.

import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineLiveQuery, defineService, defineTable } from 'tidings'
import { z } from 'zod'
import { defineConfig } from '../src/config/config.ts'

const note = z.object({ noteId: z.string(), owner: z.string() })
const WriteNote = defineCommand('write-note', { expose: true, input: z.object({ noteId: z.string() }) })
const MyNotes = defineLiveQuery('my-notes', {
  owner: 'notes',
  expose: true,
  input: z.object({ number: z.number() }),
  row: note,
})

const notes = defineService('notes', {
  limits: { handlerTimeoutMs: 1_000 },
  tables: {
    notes: defineTable('notes')
      .version(1, note)
      .key(({ noteId }) => noteId)
      .index('owner'),
  },
})

export default defineConfig({
  name: 'notes',
  services: [
    notes.with({
      writeNote: notes.command(WriteNote, {}, ({ noteId }, { tables, principal }) => {
        tables.notes.put({ noteId, owner: principal?.id ?? 'nobody' })
      }),
      myNotes: notes.live(MyNotes, {
        of: 'notes',
        where: (_input, { principal }) => ({ index: 'owner', value: principal?.id ?? 'nobody' }),
      }),
    }),
  ],
  engine: ({ directory }) => sqliteDriver({ directory, durability: 'process-crash' }),
  http: {
    port: 0,
    // A process gets one connection for a whole bundle, so a few are enough for bundles of 16 parts.
    connectionCountMax: 4,
    trustProxy: 1,
    authorize: ({ headers, address }) => {
      const user = headers.get('x-user')
      if (user === 'nobody-answers') return new Promise(() => {})
      return user === null ? undefined : { principal: `${user} from ${address}` }
    },
  },
})
