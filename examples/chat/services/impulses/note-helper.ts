// Counts who answers others in each room, to know whom to ask about unanswered questions.
import { MessageAnswered } from '../threads/contract.ts'
import { impulses } from './service.ts'

export const noteHelper = impulses.on(
  MessageAnswered,
  {},
  async ({ roomId, authorId, answeredBy }, { tables, occurredAt }) => {
    if (answeredBy === authorId) return
    const known = await tables.helpers.get(`${roomId}/${answeredBy}`)
    const answers = (known?.answers ?? 0) + 1
    tables.helpers.put({ roomId, memberId: answeredBy, answers, lastAt: occurredAt.getTime() })
  },
)
