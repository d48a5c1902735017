// The contract of `impulses`: that a nudge is due, and how each one ended.
// Invariant: every event is keyed by the member it is for, so that the events of a member keep their order.
import { defineEvent } from 'tidings'
import { z } from 'zod'
import { Id, Moment, Text } from '../words.ts'

/** The kind of an impulse: lower-case words joined by `-`, such as `unanswered-question`. */
export const ImpulseKind = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, 'a kind is lower-case words joined by "-"')

/** The id of an impulse: its kind and its reason, so that the same reason has the same id. */
export const ImpulseId = z
  .string()
  .regex(/^[a-z0-9-]{1,64}(?:\.[A-Za-z0-9_.-]{1,128})$/, 'an impulse is named by its kind and its reason')

/** An impulse: its id, its kind, the member it is for, its room, and when its reason arose. */
export const Impulse = z.object({ impulseId: ImpulseId, kind: ImpulseKind, to: Id, roomId: Id, reasonAt: Moment })

const Nudge = Impulse.extend({
  text: Text,
  aboutMessageId: Id.nullable(),
  dueAt: Moment,
  /** How late it may be delivered, in seconds. The time it is held over quiet hours does not count. */
  patienceSeconds: z.int().positive(),
})

const ofMember = (impulse: { readonly to: string }) => impulse.to
const notification = { owner: 'impulses', pattern: 'notification' } as const

/** The moment for a nudge has come. Quiet hours, the daily limit and its lateness decide whether it is sent. */
export const ImpulseOffered = defineEvent('chat.impulse-offered', notification).version(1, Nudge).key(ofMember)

/** The reason for an offered nudge has gone away. */
export const ImpulseCalledOff = defineEvent('chat.impulse-called-off', notification).version(1, Impulse).key(ofMember)

/** A member should be nudged now. The event has all that a courier needs. */
export const ImpulseDue = defineEvent('chat.impulse-due', notification).version(1, Nudge).key(ofMember)

/** How an impulse ends: delivered, no longer needed, over the member's limit, or too late. */
export const ImpulseOutcome = z.enum(['delivered', 'withdrawn', 'over-limit', 'too-late'])

/** An impulse has ended; published once for each. */
export const ImpulseEnded = defineEvent('chat.impulse-ended', notification)
  .version(
    1,
    Impulse.extend({
      outcome: ImpulseOutcome,
      /** The reason, for people. */
      why: z.string(),
      /** Whether it was held over quiet hours, whatever its outcome. */
      held: z.boolean(),
      endedAt: Moment,
    }),
  )
  .key(ofMember)
