// The service `insights`.
import { followActivity } from './follow-activity.ts'
import { followImpulses } from './follow-impulses.ts'
import { followQuestions } from './follow-questions.ts'
import { busiestHours, chatDays, openQuestions, topHelpers } from './rankings.ts'
import { insights } from './service.ts'
import { chatSummary, daySummary } from './summaries.ts'

export default insights.with({
  followActivity,
  followQuestions,
  followImpulses,
  daySummary,
  chatSummary,
  chatDays,
  busiestHours,
  topHelpers,
  openQuestions,
})
