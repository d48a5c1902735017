// Shows the files of a room with their verdicts, never with their contents.
import { RoomAttachments } from './contract.ts'
import { attachments } from './service.ts'

export const liveAttachments = attachments.live(RoomAttachments, {
  of: 'attachments',
  where: ({ roomId }) => ({ index: 'roomId', value: roomId }),
  newest: 200,
})
