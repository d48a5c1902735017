// What others may know of `impulses`: that a nudge is due, and how each one ended.
// Invariant: all that is said of one member's impulses is keyed by that member, so it keeps its order.
import { defineEvent } from 'tidings'
import { z } from 'zod'
import { Id, Moment, Text } from '../words.ts'

/** The kind of an impulse: lower-case words joined by `-`, such as `unanswered-question`. */
export const ImpulseKind = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, 'a kind is lower-case words joined by "-"')

/** Which impulse, of which kind, for whom. */
export const Impulse = z.object({ impulseId: Id, kind: ImpulseKind, to: Id, roomId: Id })

const ofMember = (impulse: { readonly to: string }) => impulse.to

/** Somebody should be nudged. Says all that a courier needs. */
export const ImpulseDue = defineEvent('chat.impulse-due', { owner: 'impulses', pattern: 'notification' })
  .version(1, Impulse.extend({ text: Text, aboutMessageId: Id.nullable(), dueAt: Moment }))
  .key(ofMember)

/** How an impulse ends: delivered, no longer needed, one too many for its receiver, or no longer in time. */
export const ImpulseOutcome = z.enum(['delivered', 'withdrawn', 'over-limit', 'too-late'])

/** An impulse came to its end, once. */
export const ImpulseEnded = defineEvent('chat.impulse-ended', { owner: 'impulses', pattern: 'notification' })
  .version(
    1,
    Impulse.extend({
      outcome: ImpulseOutcome,
      /** Whether it was held back for a while, such as over somebody's quiet hours; whatever became of it. */
      held: z.boolean(),
      /** When the reason for it arose; its day is the day the impulse counts for. */
      reasonAt: Moment,
      endedAt: Moment,
    }),
  )
  .key(ofMember)
