// Shows which message answers which in a room, live.
import { RoomLinks } from './contract.ts'
import { threads } from './service.ts'

export const liveLinks = threads.live(RoomLinks, {
  of: 'links',
  where: ({ roomId }) => ({ index: 'roomId', value: roomId }),
  newest: 1_000,
  show: ({ messageId, answersId, rootId }) => ({ messageId, answersId, rootId }),
})
