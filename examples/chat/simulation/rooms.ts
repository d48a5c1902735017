// What must hold for rooms and threads: each message has its last text, nothing of a redacted one is left, and each is linked once.
import { defineInvariant } from '@tidings/testing'
import { MessageById, MessageEdited, MessagePosted, MessageRedacted, RoomList } from '../services/rooms/contract.ts'
import { LinksOfRoom } from '../services/threads/contract.ts'

/** Each message has its last text, and is linked once, in the order of posting. */
export const messagesMatch = defineInvariant(
  'each message has its last text, and is linked once',
  async ({ events, query }) => {
    const texts = new Map<string, string>()
    for (const { type, data } of await events(MessagePosted, MessageEdited, MessageRedacted))
      if (data !== undefined)
        texts.set(data.messageId, type === MessageRedacted.name || !('text' in data) ? '' : data.text)
    for (const [messageId, text] of texts) {
      const shown = await query(MessageById, { messageId })
      if (shown?.text !== text) return `message ${messageId} has the text "${shown?.text}"; its last text is "${text}"`
    }
    const posted = Map.groupBy(await events(MessagePosted), ({ key }) => key)
    for (const { roomId, messages } of (await query(RoomList, {})) ?? []) {
      const ids = (posted.get(roomId) ?? []).flatMap(({ data }) => (data === undefined ? [] : [data.messageId]))
      if (messages !== ids.length) return `room ${roomId} counts ${messages} messages; ${ids.length} were posted`
      const links = (await query(LinksOfRoom, { roomId, limit: 1_000 })) ?? []
      if (links.map(([, messageId]) => messageId).join() !== ids.join())
        return `the links of ${roomId} do not match its messages in the order of posting`
      const later = links.find(([answered], index) => answered !== null && !ids.slice(0, index).includes(answered))
      if (later !== undefined) return `${later[1]} is linked to ${later[0]}, which was not posted before it`
    }
    return undefined
  },
)
