// Shows the delivered impulses of a room, for the page.
import { RoomImpulses } from './contract.ts'
import { courier } from './service.ts'

export const liveImpulses = courier.live(RoomImpulses, {
  of: 'delivered',
  where: ({ roomId }) => ({ index: 'roomId', value: roomId }),
  newest: 500,
})
