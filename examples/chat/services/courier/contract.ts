// What others may know of `courier`: what it brought to whom.
import { defineEvent } from 'tidings'
import { z } from 'zod'
import { Id, Moment, Text } from '../words.ts'

/** An impulse reached its member. */
export const ImpulseDelivered = defineEvent('chat.impulse-delivered', { owner: 'courier', pattern: 'notification' })
  .version(
    1,
    z.object({
      impulseId: Id,
      to: Id,
      roomId: Id,
      kind: z.string().max(64),
      text: Text,
      aboutMessageId: Id.nullable(),
      deliveredAt: Moment,
    }),
  )
  .key((impulse) => impulse.to)
