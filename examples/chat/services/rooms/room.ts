// The decider of a room. It records reports as they come, each as a separate fact: a member may come in twice, or leave without having come
// in.
import { defineDecider, fact } from 'tidings'
import { z } from 'zod'
import { LeaveRoom, OpenRoom, PostNotice } from './contract.ts'
import { RecordEntry } from './record-entry.ts'
import { unknownRoom } from './unknown-room.ts'

/** The state of a room; `title` is `null` until it is opened. */
export interface RoomState {
  readonly title: string | null
}

const entry = z.object({ entryId: z.string().nullable(), memberId: z.string() })

export const room = defineDecider('room', {
  commands: { OpenRoom, RecordEntry, LeaveRoom, PostNotice },
  facts: {
    opened: fact(z.object({ title: z.string() })),
    entered: fact(entry),
    left: fact(entry),
    noticed: fact(z.object({ entryId: z.string().nullable(), text: z.string() })),
  },
  initialState: (): RoomState => ({ title: null }),
  decide: {
    OpenRoom: ({ roomId, title }, state, { facts, reject }) => {
      if (state.title === null) return facts.opened({ title })
      return state.title === title
        ? undefined
        : reject('already-open', `The room ${roomId} is already open with another title.`)
    },
    RecordEntry: ({ roomId, entryId = null, memberId }, { title }, { facts }) =>
      title === null ? unknownRoom(roomId) : facts.entered({ entryId, memberId }),
    LeaveRoom: ({ roomId, entryId = null, memberId }, { title }, { facts }) =>
      title === null ? unknownRoom(roomId) : facts.left({ entryId, memberId }),
    PostNotice: ({ roomId, entryId = null, text }, { title }, { facts }) =>
      title === null ? unknownRoom(roomId) : facts.noticed({ entryId, text }),
  },
  evolve: {
    opened: (_, { title }) => ({ title }),
    entered: (state) => state,
    left: (state) => state,
    noticed: (state) => state,
  },
  snapshot: { every: 200, version: 1 },
})
