// A chat for the adapter's tests of live queries: `rooms` shows the messages of a room, from a table and from a read model.

import {
  defineCommand,
  defineEvent,
  defineLiveQuery,
  defineService,
  defineTable,
  type Limits,
  type Service,
  TidingsError,
} from 'tidings'
import { z } from 'zod'

const message = z.object({ messageId: z.string(), roomId: z.string(), text: z.string() })

export const MessagePosted = defineEvent('chat.message-posted', { owner: 'rooms', pattern: 'notification' })
  .version(1, message)
  .key(({ messageId }) => messageId)
export const PostMessage = defineCommand('post-message', { expose: true, input: message })
export const RoomMessages = defineLiveQuery('room-messages', {
  owner: 'rooms',
  expose: true,
  description: 'The messages of a room.',
  input: z.object({ roomId: z.string().min(1) }),
  row: z.object({ messageId: z.string(), text: z.string() }),
})
export const RoomBoard = defineLiveQuery('room-board', {
  owner: 'rooms',
  expose: true,
  input: z.object({}),
  row: message,
})

const table = (name: string) =>
  defineTable(name)
    .version(1, message)
    .key(({ messageId }) => messageId)
    .index('roomId')

/** The chat's service. */
export function roomsWith(limits: Partial<Limits> = {}): Service {
  return define(limits)
}

function define(limits: Partial<Limits>) {
  const service = defineService('rooms', {
    publishes: [MessagePosted],
    tables: { messages: table('messages') },
    readModels: { board: table('board') },
    limits,
  })
  return service.with({
    postMessage: service.command(PostMessage, { publishes: [MessagePosted] }, (input, { tables, publish }) => {
      tables.messages.put(input)
      publish(MessagePosted, input)
    }),
    board: service.projection('board', { writes: ['board'] }).on(MessagePosted, (data, { tables }) => {
      tables.board.put(data)
    }),
    roomMessages: service.live(RoomMessages, {
      of: 'messages',
      where: ({ roomId }, { principal }) => {
        if (roomId === 'secret' && principal?.id !== 'ada') throw new TidingsError('FORBIDDEN', 'This room is secret.')
        return { index: 'roomId', value: roomId }
      },
    }),
    roomBoard: service.live(RoomBoard, { of: 'board' }),
  })
}

/** The chat's service with its types. */
export const rooms = define({})
