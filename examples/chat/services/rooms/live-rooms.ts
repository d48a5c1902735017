// Shows the rooms and the entries of each, live.
import { RoomEntries, Rooms } from './contract.ts'
import { rooms } from './service.ts'

export const liveEntries = rooms.live(RoomEntries, {
  of: 'entries',
  where: ({ roomId }) => ({ index: 'roomId', value: roomId }),
  newest: 100,
})

export const liveRooms = rooms.live(Rooms, { of: 'roomList', newest: 1_000 })
