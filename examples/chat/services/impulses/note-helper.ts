// Remembers who answers others in which room: those are the ones to ask when nobody else has.
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
