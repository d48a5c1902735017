// Posts a message with its author's current name, from the replica of the members. It never waits: if the author is not in the replica yet,
// their id is used as the name.
import { reject } from 'tidings'
import { PostMessage } from './contract.ts'
import { RecordMessage } from './record-message.ts'
import { room } from './room.ts'
import { rooms } from './service.ts'

export const postMessage = rooms.command(
  PostMessage,
  { executes: [RecordMessage] },
  async (message, { replicas, streams, execute }) => {
    const { state } = await streams.load(room, message.roomId)
    if (state.title === null) return reject('unknown-room', `There is no room ${message.roomId}.`)
    const author = await replicas.members.get(message.authorId)
    return execute(RecordMessage, { ...message, authorName: author?.name ?? message.authorId })
  },
)
