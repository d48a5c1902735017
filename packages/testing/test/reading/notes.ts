// Two services for reading one's own writes: desk keeps notes as facts and shows them in a projection, board gets them in a
// projection, a handler and a replica. A test decides how long each takes, and what fails.

import {
  defineCommand,
  defineDecider,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  fact,
  type Limits,
  replicaOf,
  type Service,
} from 'tidings'
import { z } from 'zod'

const note = z.object({ noteId: z.string(), text: z.string() })

export const NoteWritten = defineEvent('test.note-written', { owner: 'desk', pattern: 'state-transfer' })
  .version(1, note)
  .key(({ noteId }) => noteId)
export const WriteNote = defineCommand('write-note', { input: note, key: ({ noteId }) => noteId })
export const Touch = defineCommand('touch', { input: z.object({}) })
const shown = z.object({ ids: z.array(z.string()) })
export const Notes = defineQuery('notes', { owner: 'desk', input: z.object({}), output: shown })
export const Heard = defineQuery('heard', { owner: 'desk', input: z.object({}), output: shown })
export const Pinned = defineQuery('pinned', {
  owner: 'board',
  input: z.object({ of: z.enum(['pins', 'marks', 'notes']) }),
  output: shown,
})

const table = (name: string) =>
  defineTable(name)
    .version(1, note)
    .key(({ noteId }) => noteId)

const written = defineDecider('note', {
  commands: { WriteNote },
  facts: { written: fact(note) },
  initialState: () => ({ known: false }),
  decide: {
    WriteNote: (input, { known }, { facts, reject }) =>
      known ? reject('known', 'There is such a note.') : facts.written(input),
  },
  evolve: { written: () => ({ known: true }) },
})

/** What a test does at each step. */
export interface Steps {
  /** Runs in `desk.notes`, `desk.heard`, `board.pins` and `board.marks` before a note is kept there. */
  readonly at?: (step: string, noteId: string) => void | Promise<void>
  readonly limits?: Partial<Limits>
}

const ids = (rows: readonly { readonly noteId: string }[]) => ({ ids: rows.map(({ noteId }) => noteId) })

/** The desk. */
export function deskWith({ at = () => {}, limits = {} }: Steps = {}): Service {
  const desk = defineService('desk', {
    publishes: [NoteWritten],
    tables: { heard: table('heard') },
    readModels: { notes: table('notes') },
    limits,
  })
  return desk.with({
    written: desk.decider(written, {
      publishes: [NoteWritten],
      announce: { written: (data, _state, { event }) => event(NoteWritten, data) },
    }),
    touch: desk.command(Touch, () => {}),
    notes: desk.projection('notes', { writes: ['notes'] }).onFact(written, 'written', async (data, { tables }) => {
      await at('desk.notes', data.noteId)
      tables.notes.put(data)
    }),
    hear: desk.on(NoteWritten, async (data, { tables }) => {
      await at('desk.heard', data.noteId)
      tables.heard.put(data)
    }),
    showNotes: desk.query(Notes, async (_input, { readModels }) => ids(await readModels.notes.list())),
    showHeard: desk.query(Heard, async (_input, { tables }) => ids(await tables.heard.list())),
  })
}

/** The board; `late` adds a handler that starts at the beginning. */
export function boardWith({ at = () => {}, limits = {}, late = false }: Steps & { readonly late?: boolean } = {}) {
  const board = defineService('board', {
    tables: { marks: table('marks'), lateMarks: table('late-marks') },
    readModels: { pins: table('pins') },
    replicas: { notes: replicaOf(NoteWritten) },
    limits,
  })
  const parts = {
    pins: board.projection('pins', { writes: ['pins'] }).on(NoteWritten, async (data, { tables }) => {
      await at('board.pins', data.noteId)
      tables.pins.put(data)
    }),
    mark: board.on(NoteWritten, async (data, { tables }) => {
      await at('board.marks', data.noteId)
      tables.marks.put(data)
    }),
    show: board.query(Pinned, async ({ of }, { readModels, tables, replicas }) => {
      if (of === 'pins') return ids(await readModels.pins.list())
      return ids(of === 'notes' ? await replicas.notes.list() : await (late ? tables.lateMarks : tables.marks).list())
    }),
  }
  const markLate = board.on(NoteWritten, { from: 'beginning' }, async (data, { tables }) => {
    await at('board.late', data.noteId)
    tables.lateMarks.put(data)
  })
  return late ? board.with({ ...parts, markLate }) : board.with(parts)
}
