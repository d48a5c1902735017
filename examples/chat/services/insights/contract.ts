// What `insights` answers: figures of a day, of all days, and who and when. A day is a day of UTC, by when things occurred.
import { defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment } from '../words.ts'

const Count = z.int().nonnegative()

/** What became of the impulses of one kind. One that was held is counted there besides its end. */
export const ImpulseFigures = z.object({
  delivered: Count,
  withdrawn: Count,
  held: Count,
  overLimit: Count,
  tooLate: Count,
})

/** The figures of a day, or of all days together. */
export const Summary = z.object({
  /** What was said, actions ("/me") not among them; taken back or not. */
  messages: Count,
  actions: Count,
  joins: Count,
  parts: Count,
  renames: Count,
  /** Notices: lines that no member said. */
  others: Count,
  /** Different members who said something, came in or took another name. */
  members: Count,
  /** Questions asked on the day that were not withdrawn. */
  questions: Count,
  /** Those of them that another member answered, on whatever day. */
  answered: Count,
  /** From a question to its first answer by another member; the mean of the middle two; `null` where none was answered. */
  medianSecondsToFirstAnswer: z.number().nonnegative().nullable(),
  /** By kind; an impulse counts for the day its reason arose. */
  impulses: z.record(z.string(), ImpulseFigures),
})

/** The type of a summary. */
export type Summary = z.infer<typeof Summary>

/** The figures of one day; zeros where nothing was heard of it. */
export const DaySummary = defineQuery('day-summary', {
  owner: 'insights',
  input: z.object({ day: z.iso.date() }),
  output: Summary,
})

/** The figures of all days together. */
export const ChatSummary = defineQuery('chat-summary', { owner: 'insights', input: z.object({}), output: Summary })

/** The days of which anything was heard, oldest first. */
export const ChatDays = defineQuery('chat-days', {
  owner: 'insights',
  input: z.object({}),
  output: z.array(z.iso.date()),
})

/** Messages and actions by the hour of the day (UTC), the busiest first; of one day where it is given. */
export const BusiestHours = defineQuery('busiest-hours', {
  owner: 'insights',
  input: z.object({ day: z.iso.date().optional() }),
  output: z.array(z.object({ hour: z.int().min(0).max(23), messages: Count })),
})

/** Who answered others' messages most, of all days. */
export const TopHelpers = defineQuery('top-helpers', {
  owner: 'insights',
  input: z.object({ limit: z.int().min(1).max(100).default(10) }),
  output: z.array(
    z.object({
      memberId: Id,
      /** The name they have now, as far as insights has heard; their id where it has not. */
      name: z.string(),
      answers: Count,
    }),
  ),
})

/** Questions that no other member has answered, the newest first. */
export const OpenQuestions = defineQuery('open-questions', {
  owner: 'insights',
  input: z.object({ roomId: Id.optional(), limit: z.int().min(1).max(1_000).default(100) }),
  output: z.array(z.object({ messageId: Id, roomId: Id, authorId: Id, askedAt: Moment })),
})
