// Posts a message with its author's current name, from the replica of the members. Only a member whom `members` has registered can post.
import { isRejection } from 'tidings'
import { PostMessage } from './contract.ts'
import { knownMember } from './known-member.ts'
import { RecordMessage } from './record-message.ts'
import { room } from './room.ts'
import { rooms } from './service.ts'
import { unknownRoom } from './unknown-room.ts'

export const postMessage = rooms.command(
  PostMessage,
  { executes: [RecordMessage] },
  async (message, { replicas, streams, execute }) => {
    const { state } = await streams.load(room, message.roomId)
    if (state.title === null) return unknownRoom(message.roomId)
    const author = await knownMember(replicas.members, message.authorId)
    return isRejection(author) ? author : execute(RecordMessage, { ...message, authorName: author.name })
  },
)
