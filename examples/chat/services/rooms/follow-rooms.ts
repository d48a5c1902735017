// The list of the rooms with the time of the last message and the number of messages, slightly behind the facts.
import { message } from './message.ts'
import { room } from './room.ts'
import { rooms } from './service.ts'

export const followRooms = rooms
  .projection('room-list', { writes: ['roomList'] })
  .onFact(room, 'opened', ({ title }, { tables, fact }) => {
    const openedAt = fact.occurredAt.toISOString()
    tables.roomList.put({ roomId: fact.stream, title, openedAt, lastMessageAt: null, messages: 0 })
  })
  .onFact(message, 'posted', async ({ roomId }, { tables, fact }) => {
    const known = await tables.roomList.get(roomId)
    if (known === undefined) return
    const at = fact.occurredAt.toISOString()
    const lastMessageAt = known.lastMessageAt !== null && known.lastMessageAt > at ? known.lastMessageAt : at
    tables.roomList.put({ ...known, lastMessageAt, messages: known.messages + 1 })
  })
