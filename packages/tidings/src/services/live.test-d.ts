// The types of live queries: right use compiles, wrong use does not.

import { z } from 'zod'
import { defineEvent, defineLiveQuery, defineTable, type LiveQueryRow } from '../contracts/index.ts'
import { replicaOf } from './replica.ts'
import { defineService } from './service.ts'

const message = z.object({ messageId: z.string(), roomId: z.string(), at: z.number(), secret: z.string() })
const messages = defineTable('messages')
  .version(1, message)
  .key(({ messageId }) => messageId)
  .index('roomId')
const drafts = defineTable('drafts')
  .version(1, z.object({ draftId: z.string(), text: z.string() }))
  .key(({ draftId }) => draftId)
const MessageChanged = defineEvent('chat.message-changed', { owner: 'elsewhere', pattern: 'state-transfer' })
  .version(1, message)
  .key(({ messageId }) => messageId)

const shown = z.object({ messageId: z.string(), at: z.number().transform((at) => new Date(at)) })
const RoomMessages = defineLiveQuery('room-messages', {
  owner: 'rooms',
  input: z.object({ roomId: z.string() }),
  row: shown,
})
const Words = defineLiveQuery('words', { owner: 'rooms', input: z.object({}), row: z.object({ word: z.string() }) })
const rooms = defineService('rooms', {
  tables: { drafts },
  readModels: { messages },
  replicas: { copies: replicaOf(MessageChanged, { indexes: ['roomId'] }) },
})

export const row: LiveQueryRow<typeof RoomMessages> = { messageId: 'a', at: new Date(0) }

export const rightUse = [
  rooms.live(RoomMessages, { of: 'messages' }),
  rooms.live(RoomMessages, { of: 'copies', where: ({ roomId }) => ({ index: 'roomId', value: roomId }) }),
  rooms.live(RoomMessages, {
    of: 'messages',
    where: async ({ roomId }, { tables, principal }) => {
      const draft = await tables.drafts.get(principal?.id ?? '')
      return { index: 'roomId', value: draft?.text ?? roomId }
    },
    newest: 10,
    show: ({ messageId, at }) => (at === 0 ? undefined : { messageId, at }),
  }),
  rooms.live(Words, { of: 'drafts', show: ({ text }) => ({ word: text }) }),
]

export const wrongUse = [
  // @ts-expect-error: there is no such table
  rooms.live(RoomMessages, { of: 'unknown' }),
  // @ts-expect-error: a draft does not fit the contract without show
  rooms.live(Words, { of: 'drafts' }),
  // @ts-expect-error: what is shown does not fit the contract
  rooms.live(Words, { of: 'drafts', show: ({ text }) => ({ other: text }) }),
  // @ts-expect-error: a message has no text
  rooms.live(RoomMessages, { of: 'messages', show: ({ messageId, text }) => ({ messageId, at: text }) }),
  // @ts-expect-error: messages have no index over at
  rooms.live(RoomMessages, { of: 'messages', where: () => ({ index: 'at', value: 7 }) }),
  // @ts-expect-error: the replica has no index over at
  rooms.live(RoomMessages, { of: 'copies', where: () => ({ index: 'at', value: 7 }) }),
  // @ts-expect-error: the input has no room
  rooms.live(Words, { of: 'drafts', where: ({ roomId }) => ({ index: 'text', value: roomId }), show: () => undefined }),
  // @ts-expect-error: show returns the input of the row schema, not its output
  rooms.live(RoomMessages, { of: 'messages', show: ({ messageId }) => ({ messageId, at: new Date(0) }) }),
]
