// The service `insights`: counts of each day, one row for each question, and the helpers. It subscribes to all other services and publishes
// nothing. Invariant: events of independent sources write different tables, so the figures don't depend on which event came first.
import { defineService, defineTable, replicaOf } from 'tidings'
import { z } from 'zod'
import { MemberChanged } from '../members/contract.ts'

/** The key of the row that counts all days together; no day has this name. */
export const allDays = 'all'

const Count = z.int().nonnegative()

/** What happened on a day. */
export const days = defineTable('days')
  .version(
    1,
    z.object({
      day: z.string(),
      messages: Count,
      actions: Count,
      joins: Count,
      parts: Count,
      renames: Count,
      others: Count,
      members: Count,
      /** Messages and actions by the hour. */
      hours: z.array(Count).length(24),
    }),
  )
  .key((row) => row.day)

/** The members who were active on each day: a row for each, so that nobody is counted twice. */
export const active = defineTable('active')
  .version(1, z.object({ day: z.string(), memberId: z.string() }))
  .key((row) => `${row.day}/${row.memberId}`)

/** Questions; moments in milliseconds since 1970. */
export const questions = defineTable('questions')
  .version(
    1,
    z.object({
      messageId: z.string(),
      roomId: z.string(),
      authorId: z.string(),
      askedAt: z.int(),
      /** The day on which it was asked. */
      day: z.string(),
      /** When another member answered first. */
      answeredAt: z.int().nullable(),
      withdrawn: z.boolean(),
      /** Neither answered nor withdrawn. */
      open: z.boolean(),
    }),
  )
  .key((question) => question.messageId)
  .index('day')
  .index('open')

/** How often each member has answered others. */
export const helpers = defineTable('helpers')
  .version(1, z.object({ memberId: z.string(), answers: Count }))
  .key((helper) => helper.memberId)

/** How impulses ended, by day and kind. */
export const impulses = defineTable('impulses')
  .version(
    1,
    z.object({
      day: z.string(),
      kind: z.string(),
      delivered: Count,
      withdrawn: Count,
      held: Count,
      overLimit: Count,
      tooLate: Count,
    }),
  )
  .key((row) => `${row.day}/${row.kind}`)
  .index('day')

export const insights = defineService('insights', {
  description: 'Figures of what happened in the chat, day by day.',
  readModels: { days, active, questions, helpers, impulses },
  replicas: { members: replicaOf(MemberChanged) },
})
