// A system for the tests of the HTTP API: rooms and their messages, on the in-memory driver and a manual clock.

import {
  defineCommand,
  defineLiveQuery,
  defineQuery,
  defineService,
  defineTable,
  type Limits,
  reject,
  type Service,
} from 'tidings'
import {
  createManualClock,
  createManualTimeouts,
  createSeededRandom,
  createSequentialIds,
  memoryDriver,
} from 'tidings/memory'
import type { LogLine } from 'tidings/ports'
import { createSystem } from 'tidings/runtime'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

const message = z.object({ messageId: z.string(), roomId: z.string(), text: z.string() })
const messages = defineTable('messages')
  .version(1, message)
  .key(({ messageId }) => messageId)
  .index('roomId')

const PostMessage = defineCommand('post-message', { input: message })
const MessageOf = defineQuery('message-of', {
  owner: 'rooms',
  input: z.object({ messageId: z.string() }),
  output: message,
})
const RoomMessages = defineLiveQuery('room-messages', {
  owner: 'rooms',
  input: z.object({ roomId: z.string().min(1) }),
  row: message,
})

function rooms(limits: Partial<Limits>) {
  const service = defineService('rooms', { tables: { messages }, limits })
  return service.with({
    postMessage: service.command(PostMessage, {}, (input, { tables }) => {
      if (input.text === '') return reject('empty', 'A message needs a text.')
      tables.messages.put(input)
      return undefined
    }),
    messageOf: service.query(MessageOf, ({ messageId }, { tables }) => tables.messages.get(messageId)),
    roomMessages: service.live(RoomMessages, {
      of: 'messages',
      where: ({ roomId }) => ({ index: 'roomId', value: roomId }),
    }),
  })
}

/** The running rooms, closed when the test has finished. */
export function runningRooms(limits: Partial<Limits> = {}) {
  return runningServices([rooms(limits), defineService('quiet').with({})])
}

/** A running system that is closed when the test has finished. */
export async function runningServices(declared: readonly Service[]) {
  const clock = createManualClock()
  const timeouts = createManualTimeouts(clock)
  const lines: LogLine[] = []
  const environment = {
    clock,
    timeouts,
    random: createSeededRandom(1),
    ids: createSequentialIds(),
    log: (line: LogLine) => void lines.push(line),
  }
  const system = await createSystem({ services: declared, driver: memoryDriver(), environment })
  onTestFinished(() => timeouts.runUntil(system.close()))
  return { system, services: [...system.services.values()], environment, timeouts, lines }
}
