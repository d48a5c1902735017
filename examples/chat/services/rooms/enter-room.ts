// Lets a member come into a room: only one whom `members` has registered.
import { isRejection } from 'tidings'
import { EnterRoom } from './contract.ts'
import { knownMember } from './known-member.ts'
import { RecordEntry } from './record-entry.ts'
import { room } from './room.ts'
import { rooms } from './service.ts'
import { unknownRoom } from './unknown-room.ts'

export const enterRoom = rooms.command(
  EnterRoom,
  { executes: [RecordEntry] },
  async (entry, { replicas, streams, execute }) => {
    const { state } = await streams.load(room, entry.roomId)
    if (state.title === null) return unknownRoom(entry.roomId)
    const member = await knownMember(replicas.members, entry.memberId)
    return isRejection(member) ? member : execute(RecordEntry, entry)
  },
)
