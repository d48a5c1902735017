// Conversations: which messages belong together, as found by `threads`.
import { query } from './api.js'

/** @typedef {import('./store.js').State} State */
/** @typedef {import('./store.js').Message} Message */

const fetchedMax = 200

/** @param {import('./store.js').Store} store */
export function threadActions(store) {
  return {
    /** Shows the conversation of a message. @param {string} messageId */
    async showThread(messageId) {
      store.set({ threadOf: messageId, opened: null })
      const known = messagesById(store.state)
      const missing = conversationOf(store.state, messageId).filter(
        (id) => !known.has(id) && !store.state.fetched.has(id),
      )
      const found = await Promise.all(
        missing
          .slice(-fetchedMax)
          .map((id) => query('rooms', 'message-by-id', { messageId: id }).catch(() => undefined)),
      )
      const fetched = new Map(store.state.fetched)
      for (const message of found) if (message !== undefined) fetched.set(message.messageId, message)
      store.set({ fetched })
    },

    closeThread() {
      store.set({ threadOf: null })
    },
  }
}

/** The ids of a message's conversation, in the order of posting. @param {State} state @param {string} messageId */
export function conversationOf({ links }, messageId) {
  const rootId = links.get(messageId)?.rootId ?? messageId
  const ids = [...links.values()].filter((link) => link.rootId === rootId).map((link) => link.messageId)
  return ids.length === 0 ? [messageId] : ids
}

/** The number of answers of each message. @param {State} state */
export function repliesOf({ links }) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const { answersId } of links.values())
    if (answersId !== null) counts.set(answersId, (counts.get(answersId) ?? 0) + 1)
  return counts
}

/** The number of messages in each conversation, by the message that began it. @param {State} state */
export function sizesOf({ links }) {
  /** @type {Map<string, number>} */
  const sizes = new Map()
  for (const { rootId } of links.values()) sizes.set(rootId, (sizes.get(rootId) ?? 0) + 1)
  return sizes
}

/** The loaded messages, by id. @param {State} state */
export function messagesById({ entries, fetched }) {
  const messages = new Map(fetched)
  for (const entry of entries.values()) if (entry.kind === 'message') messages.set(entry.messageId, entry)
  return messages
}
