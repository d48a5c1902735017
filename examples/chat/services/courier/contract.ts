// The contract of `courier`: the impulses it delivered, and those it dropped.
import { defineEvent, defineLiveQuery } from 'tidings'
import { z } from 'zod'
import { Impulse } from '../impulses/contract.ts'
import { Id, Moment, Text } from '../words.ts'

const ofMember = (impulse: { readonly to: string }) => impulse.to
const notification = { owner: 'courier', pattern: 'notification' } as const

/** A delivered impulse. */
export const Delivery = Impulse.extend({ text: Text, aboutMessageId: Id.nullable(), deliveredAt: Moment })

/** An impulse reached its member. */
export const ImpulseDelivered = defineEvent('chat.impulse-delivered', notification).version(1, Delivery).key(ofMember)

/** An impulse was too late to be delivered. */
export const ImpulseDropped = defineEvent('chat.impulse-dropped', notification)
  .version(1, Impulse.extend({ why: z.string() }))
  .key(ofMember)

/** The delivered impulses of a room, live. */
export const RoomImpulses = defineLiveQuery('room-impulses', {
  owner: 'courier',
  expose: true,
  input: z.object({ roomId: Id }),
  row: Delivery,
})
