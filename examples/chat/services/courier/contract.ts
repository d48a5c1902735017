// What others may know of `courier`: what it brought to whom, and what it did not.
import { defineEvent, defineLiveQuery } from 'tidings'
import { z } from 'zod'
import { Impulse } from '../impulses/contract.ts'
import { Id, Moment, Text } from '../words.ts'

const ofMember = (impulse: { readonly to: string }) => impulse.to
const notification = { owner: 'courier', pattern: 'notification' } as const

/** An impulse as it was brought. */
export const Delivery = Impulse.extend({ text: Text, aboutMessageId: Id.nullable(), deliveredAt: Moment })

/** An impulse reached its member. */
export const ImpulseDelivered = defineEvent('chat.impulse-delivered', notification).version(1, Delivery).key(ofMember)

/** An impulse was too old to be brought. */
export const ImpulseDropped = defineEvent('chat.impulse-dropped', notification)
  .version(1, Impulse.extend({ why: z.string() }))
  .key(ofMember)

/** What was brought to members about a room, live. */
export const RoomImpulses = defineLiveQuery('room-impulses', {
  owner: 'courier',
  input: z.object({ roomId: Id }),
  row: Delivery,
})
