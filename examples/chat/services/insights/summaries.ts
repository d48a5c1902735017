// Answers the figures of a day, and of all days together. The tables are joined only here.
import type { RowOf } from 'tidings'
import { ChatSummary, DaySummary, type Summary } from './contract.ts'
import { emptyDay } from './follow-activity.ts'
import { median } from './median.ts'
import { readAll } from './read-all.ts'
import { allDays, type days, type impulses, insights, type questions } from './service.ts'

export const daySummary = insights.query(DaySummary, async ({ day }, { readModels }) =>
  summaryOf(
    (await readModels.days.get(day)) ?? emptyDay(day),
    await readAll((options) => readModels.questions.page({ where: { day }, ...options })),
    await readModels.impulses.find('day', day),
  ),
)

export const chatSummary = insights.query(ChatSummary, async (_, { readModels }) =>
  summaryOf(
    (await readModels.days.get(allDays)) ?? emptyDay(allDays),
    await readAll((options) => readModels.questions.page(options)),
    await readModels.impulses.find('day', allDays),
  ),
)

function summaryOf(
  { day: _, hours: __, ...counts }: RowOf<typeof days>,
  all: readonly RowOf<typeof questions>[],
  ended: readonly RowOf<typeof impulses>[],
): Summary {
  const asked = all.filter(({ withdrawn }) => !withdrawn)
  const waits = asked.flatMap(({ askedAt, answeredAt }) =>
    answeredAt === null ? [] : [Math.max(0, answeredAt - askedAt) / 1_000],
  )
  return {
    ...counts,
    questions: asked.length,
    answered: waits.length,
    medianSecondsToFirstAnswer: median(waits),
    impulses: Object.fromEntries(ended.map(({ day: _, kind, ...figures }) => [kind, figures])),
  }
}
