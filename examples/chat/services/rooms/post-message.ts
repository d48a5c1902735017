// Posts a message under the name its author has now, as far as rooms has heard. It waits for nobody: an author of whom nothing
// was heard yet is called by their id.
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
