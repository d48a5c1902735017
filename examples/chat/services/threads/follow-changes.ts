// A message was edited or redacted: it may have become a question, or no longer be one. Links are not changed, because people answered what
// they saw at the time.
import { MessageEdited, MessageRedacted } from '../rooms/contract.ts'
import { QuestionAsked, QuestionWithdrawn } from './contract.ts'
import { isQuestion } from './linking/is-question.ts'
import { threads } from './service.ts'

export const followEdit = threads.on(
  MessageEdited,
  { publishes: [QuestionAsked, QuestionWithdrawn] },
  async ({ messageId, roomId, authorId, text }, { tables, publish, occurredAt }) => {
    const known = await tables.messages.get(messageId)
    const asks = isQuestion(text)
    if (known === undefined || known.asks === asks) return
    tables.messages.put({ ...known, asks })
    const at = occurredAt.toISOString()
    if (!asks) publish(QuestionWithdrawn, { messageId, roomId, authorId, withdrawnAt: at })
    // If somebody else has answered already, it is not an open question.
    else if (!known.helped) publish(QuestionAsked, { messageId, roomId, authorId, askedAt: at })
  },
)

export const followRedaction = threads.on(
  MessageRedacted,
  { publishes: [QuestionWithdrawn] },
  async ({ messageId, roomId, authorId }, { tables, publish, occurredAt }) => {
    const known = await tables.messages.get(messageId)
    if (known === undefined || !known.asks) return
    tables.messages.put({ ...known, asks: false })
    publish(QuestionWithdrawn, { messageId, roomId, authorId, withdrawnAt: occurredAt.toISOString() })
  },
)
