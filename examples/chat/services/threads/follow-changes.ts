// A message was edited or taken back: it may ask something now, or no longer. Links stay as they were made, for they were made of
// what people had before their eyes.
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
    // What others have answered already waits for nobody.
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
