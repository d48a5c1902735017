// Maps a room's private facts to public events.
import { NoticePosted, RoomEntered, RoomLeft, RoomOpened } from './contract.ts'
import { entryIdOf } from './entry-place.ts'
import { room } from './room.ts'
import { rooms } from './service.ts'

export const roomStream = rooms.decider(room, {
  publishes: [RoomOpened, RoomEntered, RoomLeft, NoticePosted],
  announce: {
    opened: ({ title }, _, { event, meta }) => event(RoomOpened, { roomId: meta.stream, title }),
    entered: ({ entryId, memberId }, _, { event, meta }) =>
      event(RoomEntered, { roomId: meta.stream, entryId: entryIdOf(entryId, meta), memberId }),
    left: ({ entryId, memberId }, _, { event, meta }) =>
      event(RoomLeft, { roomId: meta.stream, entryId: entryIdOf(entryId, meta), memberId }),
    noticed: ({ entryId, text }, _, { event, meta }) =>
      event(NoticePosted, { roomId: meta.stream, entryId: entryIdOf(entryId, meta), text }),
  },
})
