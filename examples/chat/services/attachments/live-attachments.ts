// Shows the files of a room and what was found about each; never what is in them.
import { RoomAttachments } from './contract.ts'
import { attachments } from './service.ts'

export const liveAttachments = attachments.live(RoomAttachments, {
  of: 'attachments',
  where: ({ roomId }) => ({ index: 'roomId', value: roomId }),
  newest: 200,
})
