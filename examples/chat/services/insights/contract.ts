// The contract of `insights`: figures of a day, figures of all days, and rankings. Days are in UTC, by the time when things occurred.
import { defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment } from '../words.ts'

const Count = z.int().nonnegative()

/** The impulses of one kind, by outcome. One that was held counts as held in addition to its outcome. */
export const ImpulseFigures = z.object({
  delivered: Count,
  withdrawn: Count,
  held: Count,
  overLimit: Count,
  tooLate: Count,
})

/** The figures of a day, or of all days together. */
export const Summary = z.object({
  /** Messages without actions ("/me"), redacted ones too. */
  messages: Count,
  actions: Count,
  joins: Count,
  parts: Count,
  renames: Count,
  /** Notices: lines that no member said. */
  others: Count,
  /** Members who posted, came in or changed their name; each counts once. */
  members: Count,
  /** Questions asked on the day that were not withdrawn. */
  questions: Count,
  /** Those of them that another member answered, on any day. */
  answered: Count,
  /** From a question to its first answer by another member; for an even number, the mean of the middle two; `null` if none was answered. */
  medianSecondsToFirstAnswer: z.number().nonnegative().nullable(),
  /** By kind; an impulse counts for the day when its reason arose. */
  impulses: z.record(z.string(), ImpulseFigures),
})

/** The type of a summary. */
export type Summary = z.infer<typeof Summary>

/** The figures of one day; zeros if nothing is known of it. */
export const DaySummary = defineQuery('day-summary', {
  owner: 'insights',
  expose: true,
  input: z.object({ day: z.iso.date() }),
  output: Summary,
})

/** The figures of all days together. */
export const ChatSummary = defineQuery('chat-summary', {
  owner: 'insights',
  expose: true,
  input: z.object({}),
  output: Summary,
})

/** The days with any figures, oldest first. */
export const ChatDays = defineQuery('chat-days', {
  owner: 'insights',
  expose: true,
  input: z.object({}),
  output: z.array(z.iso.date()),
})

/** Messages and actions by the hour of the day (UTC), the busiest first; of one day, or of all if none is given. */
export const BusiestHours = defineQuery('busiest-hours', {
  owner: 'insights',
  expose: true,
  input: z.object({ day: z.iso.date().optional() }),
  output: z.array(z.object({ hour: z.int().min(0).max(23), messages: Count })),
})

/** The members who answered others most often, over all days. */
export const TopHelpers = defineQuery('top-helpers', {
  owner: 'insights',
  expose: true,
  input: z.object({ limit: z.int().min(1).max(100).default(10) }),
  output: z.array(
    z.object({
      memberId: Id,
      /** The current name, as far as insights knows; otherwise the id. */
      name: z.string(),
      answers: Count,
    }),
  ),
})

/** Questions that no other member has answered, the newest first. */
export const OpenQuestions = defineQuery('open-questions', {
  owner: 'insights',
  expose: true,
  input: z.object({ roomId: Id.optional(), limit: z.int().min(1).max(1_000).default(100) }),
  output: z.array(z.object({ messageId: Id, roomId: Id, authorId: Id, askedAt: Moment })),
})
