// Follows questions to their first answer by another member, and counts who answers others. Answers to one's own question do not count.
// `threads` keys its events by the earlier message, so a question is handled before its answers.
import type { RowOf } from 'tidings'
import { MessageAnswered, QuestionAsked, QuestionWithdrawn } from '../threads/contract.ts'
import { insights, type questions } from './service.ts'

export const followQuestions = insights
  .projection('questions', { writes: ['questions', 'helpers'] })
  .on(QuestionAsked, ({ messageId, roomId, authorId, askedAt }, { tables }) => {
    const asked = { messageId, roomId, authorId, askedAt: Date.parse(askedAt), day: askedAt.slice(0, 10) }
    tables.questions.put(withOpen({ ...asked, answeredAt: null, withdrawn: false }))
  })
  .on(QuestionWithdrawn, async ({ messageId }, { tables }) => {
    const known = await tables.questions.get(messageId)
    if (known !== undefined) tables.questions.put(withOpen({ ...known, withdrawn: true }))
  })
  .on(MessageAnswered, async ({ messageId, authorId, answeredBy, question, answeredAt }, { tables }) => {
    if (answeredBy === authorId) return
    const helper = await tables.helpers.get(answeredBy)
    tables.helpers.put({ memberId: answeredBy, answers: (helper?.answers ?? 0) + 1 })
    const known = question ? await tables.questions.get(messageId) : undefined
    if (known === undefined) return
    const at = Math.min(known.answeredAt ?? Number.POSITIVE_INFINITY, Date.parse(answeredAt))
    tables.questions.put(withOpen({ ...known, answeredAt: at }))
  })

type Question = RowOf<typeof questions>

function withOpen(question: Omit<Question, 'open'>): Question {
  return { ...question, open: question.answeredAt === null && !question.withdrawn }
}
