// Finds which message a posted message answers, and whether it asks something. The messages of a room are handled in order, so the same history
// always gives the same links.
import { MessagePosted } from '../rooms/contract.ts'
import { MessageAnswered, QuestionAsked } from './contract.ts'
import { isQuestion } from './linking/is-question.ts'
import { linkMessage } from './linking/link-message.ts'
import { emptyMemory } from './linking/memory.ts'
import { threads } from './service.ts'

export const linkPosted = threads.on(
  MessagePosted,
  { publishes: [QuestionAsked, MessageAnswered] },
  async ({ messageId, roomId, authorId, authorName, text, action }, { tables, publish, occurredAt }) => {
    const { heard, memory } = (await tables.memories.get(roomId)) ?? { heard: 0, memory: emptyMemory }
    const linked = linkMessage(memory, { messageId, author: authorName, text, at: occurredAt.getTime(), action })
    tables.memories.put({ roomId, heard: heard + 1, memory: linked.memory })

    const at = occurredAt.toISOString()
    const earlier = linked.answers === undefined ? undefined : await tables.messages.get(linked.answers)
    const answersId = earlier?.messageId ?? null
    const rootId = earlier?.rootId ?? messageId
    const linkId = `${roomId}/${String(heard).padStart(12, '0')}`
    const asks = isQuestion(text)
    tables.links.put({ linkId, roomId, rootId, messageId, answersId })
    tables.messages.put({ messageId, authorId, linkId, rootId, replies: 0, asks, helped: false })
    if (asks) publish(QuestionAsked, { messageId, roomId, authorId, askedAt: at })
    if (earlier === undefined) return

    const helped = earlier.helped || earlier.authorId !== authorId
    tables.messages.put({ ...earlier, replies: earlier.replies + 1, helped })
    publish(MessageAnswered, {
      ...{ messageId: earlier.messageId, answerId: messageId, roomId },
      ...{ authorId: earlier.authorId, answeredBy: authorId, question: earlier.asks, answeredAt: at },
    })
  },
)
