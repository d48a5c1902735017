// The service `rooms`.
import { enterRoom } from './enter-room.ts'
import { followEntries } from './follow-entries.ts'
import { followRooms } from './follow-rooms.ts'
import { liveEntries, liveRooms } from './live-rooms.ts'
import { messageStream } from './message-stream.ts'
import { postMessage } from './post-message.ts'
import { listRooms, messageById, roomMessages } from './room-messages.ts'
import { roomStream } from './room-stream.ts'
import { rooms } from './service.ts'

export default rooms.with({
  roomStream,
  messageStream,
  enterRoom,
  postMessage,
  followEntries,
  followRooms,
  roomMessages,
  listRooms,
  messageById,
  liveEntries,
  liveRooms,
})
