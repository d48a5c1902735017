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

/** The id of an impulse: its kind and what it is about, so that the same reason has the same id. */
export const ImpulseId = z
  .string()
  .regex(/^[a-z0-9-]{1,64}(?:\.[A-Za-z0-9_.-]{1,128})$/, 'an impulse is named by its kind and its reason')

/** Which impulse, of which kind, for whom, and when the reason for it arose. */
export const Impulse = z.object({ impulseId: ImpulseId, kind: ImpulseKind, to: Id, roomId: Id, reasonAt: Moment })

const Nudge = Impulse.extend({
  text: Text,
  aboutMessageId: Id.nullable(),
  dueAt: Moment,
  /** How late it may come, in seconds, and still be worth something. Being held on purpose is not being late. */
  patienceSeconds: z.int().positive(),
})

const ofMember = (impulse: { readonly to: string }) => impulse.to
const notification = { owner: 'impulses', pattern: 'notification' } as const

/** A moment for a nudge has come. Whether it goes out is decided by the member's quiet hours, their limit, and the time it took. */
export const ImpulseOffered = defineEvent('chat.impulse-offered', notification).version(1, Nudge).key(ofMember)

/** The reason for a nudge that was offered has gone away. */
export const ImpulseCalledOff = defineEvent('chat.impulse-called-off', notification).version(1, Impulse).key(ofMember)

/** Somebody is to be nudged. Says all that a courier needs. */
export const ImpulseDue = defineEvent('chat.impulse-due', notification).version(1, Nudge).key(ofMember)

/** How an impulse ends: delivered, no longer needed, one too many for its receiver, or no longer in time. */
export const ImpulseOutcome = z.enum(['delivered', 'withdrawn', 'over-limit', 'too-late'])

/** An impulse came to its end, once. */
export const ImpulseEnded = defineEvent('chat.impulse-ended', notification)
  .version(
    1,
    Impulse.extend({
      outcome: ImpulseOutcome,
      /** Why, for people. */
      why: z.string(),
      /** Whether it was held back over somebody's quiet hours; whatever became of it. */
      held: z.boolean(),
      endedAt: Moment,
    }),
  )
  .key(ofMember)
