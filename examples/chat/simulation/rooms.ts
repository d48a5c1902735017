// What must hold of rooms and threads: what stands there is what was said last, once, and nothing of what was taken back.
import { defineInvariant } from '@tidings/testing'
import { MessageById, MessageEdited, MessagePosted, MessageRedacted, RoomList } from '../services/rooms/contract.ts'
import { LinksOfRoom } from '../services/threads/contract.ts'

/** Each message is shown as it was left, and linked once, in the order of posting. */
export const shownAsLeft = defineInvariant(
  'each message is shown as it was left, and linked once',
  async ({ events, query }) => {
    const texts = new Map<string, string>()
    for (const { type, data } of await events(MessagePosted, MessageEdited, MessageRedacted))
      if (data !== undefined)
        texts.set(data.messageId, type === MessageRedacted.name || !('text' in data) ? '' : data.text)
    for (const [messageId, text] of texts) {
      const shown = await query(MessageById, { messageId })
      if (shown?.text !== text) return `message ${messageId} reads "${shown?.text}"; it was left as "${text}"`
    }
    const posted = Map.groupBy(await events(MessagePosted), ({ key }) => key)
    for (const { roomId, messages } of (await query(RoomList, {})) ?? []) {
      const ids = (posted.get(roomId) ?? []).flatMap(({ data }) => (data === undefined ? [] : [data.messageId]))
      if (messages !== ids.length) return `room ${roomId} counts ${messages} messages; ${ids.length} were posted`
      const links = (await query(LinksOfRoom, { roomId, limit: 1_000 })) ?? []
      if (links.map(([, messageId]) => messageId).join() !== ids.join())
        return `the links of ${roomId} are not those of its messages, in their order`
      const later = links.find(([answered], index) => answered !== null && !ids.slice(0, index).includes(answered))
      if (later !== undefined) return `${later[1]} is said to answer ${later[0]}, which was not posted before it`
    }
    return undefined
  },
)
