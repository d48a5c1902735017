// Answers with the links of a room or a thread.
import { LinksOfRoom, ThreadOfMessage } from './contract.ts'
import { threads } from './service.ts'

export const linksOfRoom = threads.query(LinksOfRoom, async ({ roomId, after, limit }, { tables }) => {
  const last = after === undefined ? undefined : await tables.messages.get(after)
  // Nothing is known to follow an unknown message.
  if (after !== undefined && last === undefined) return []
  const links = await tables.links.find('roomId', roomId, {
    limit,
    ...(last === undefined ? {} : { after: last.linkId }),
  })
  return links.map(({ answersId, messageId }) => [answersId, messageId])
})

export const threadOfMessage = threads.query(ThreadOfMessage, async ({ messageId }, { tables }) => {
  const asked = await tables.messages.get(messageId)
  if (asked === undefined) return undefined
  const links = await tables.links.find('rootId', asked.rootId)
  const messages = await tables.messages.getMany(links.map((link) => link.messageId))
  return {
    rootId: asked.rootId,
    messages: links.flatMap(({ answersId }, index) => {
      const message = messages[index]
      if (message === undefined) return []
      const { messageId, authorId, replies, asks } = message
      return [{ messageId, authorId, answersId, replies, asks }]
    }),
  }
})
