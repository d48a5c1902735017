// The room in Tidings: a command posts a message, a live query returns the room's messages, both over HTTP.

import { defineConfig, startSystem } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineEvent, defineLiveQuery, defineService, defineTable } from 'tidings'
import * as z from 'zod'
import { Message, newestCount, roomId } from '../chat.ts'
import type { Place } from '../work.ts'

const MessagePosted = defineEvent('bench.message-posted', { owner: 'rooms', pattern: 'notification' })
  .version(1, Message)
  .key((message) => message.roomId)

const PostMessage = defineCommand('post-message', { expose: true, input: Message })

const RoomMessages = defineLiveQuery('room-messages', {
  owner: 'rooms',
  expose: true,
  input: z.object({ roomId: z.string().min(1) }),
  row: Message,
})

const messages = defineTable('messages')
  .version(1, Message)
  .key((message) => message.messageId)
  .index('roomId')

function rooms() {
  const service = defineService('rooms', { publishes: [MessagePosted], tables: { messages } })
  return service.with({
    postMessage: service.command(PostMessage, { publishes: [MessagePosted] }, (message, { tables, publish }) => {
      tables.messages.put(message)
      publish(MessagePosted, message)
    }),
    roomMessages: service.live(RoomMessages, {
      of: 'messages',
      where: (input) => ({ index: 'roomId', value: input.roomId }),
      newest: newestCount,
    }),
  })
}

/** Opens the room and its HTTP API. */
export async function openChat({ folder, durability }: Place, connectionCountMax: number) {
  const config = defineConfig({
    name: 'bench',
    services: [rooms()],
    engine: ({ directory, log }) => sqliteDriver({ directory, durability, log }),
  })
  const running = await startSystem(config, {
    data: folder,
    http: { port: 0, connectionCountMax, connectionCountPerAddressMax: connectionCountMax },
    log: { level: 'warn' },
  })
  const input = encodeURIComponent(JSON.stringify({ roomId }))
  return {
    postUrl: `${running.httpUrl}/rooms/commands/post-message`,
    liveUrl: `${running.httpUrl}/rooms/live/room-messages?input=${input}`,
    close: () => running.close(),
  }
}
