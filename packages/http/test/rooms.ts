// A system for the tests of the HTTP API: rooms and their messages, on the in-memory driver and a manual clock.

import {
  defineCommand,
  defineDecider,
  defineLiveQuery,
  defineQuery,
  defineService,
  defineTable,
  fact,
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

const PostMessage = defineCommand('post-message', { expose: true, input: message })
const MessageOf = defineQuery('message-of', {
  owner: 'rooms',
  expose: true,
  input: z.object({ messageId: z.string() }),
  output: message,
})
const RoomMessages = defineLiveQuery('room-messages', {
  owner: 'rooms',
  expose: true,
  input: z.object({ roomId: z.string().min(1) }),
  row: message,
})

// Internal ones: for the service's own functions, and for lookups.
const ForgetMessage = defineCommand('forget-message', { input: z.object({ messageId: z.string() }) })
const CloseRoom = defineCommand('close-room', { input: z.object({ roomId: z.string() }), key: ({ roomId }) => roomId })
const MessageToJudge = defineQuery('message-to-judge', {
  owner: 'rooms',
  input: z.object({ messageId: z.string() }),
  output: message,
})
const AllMessages = defineLiveQuery('all-messages', { owner: 'rooms', input: z.object({}), row: message })

const room = defineDecider('room', {
  commands: { CloseRoom },
  facts: { closed: fact(z.object({})) },
  initialState: () => ({ open: true }),
  decide: { CloseRoom: (_command, { open }, { facts }) => (open ? facts.closed({}) : undefined) },
  evolve: { closed: () => ({ open: false }) },
})

function rooms(limits: Partial<Limits>) {
  const service = defineService('rooms', { tables: { messages }, limits })
  return service.with({
    postMessage: service.command(PostMessage, (input, { tables }) => {
      if (input.text === '') return reject('empty', 'A message needs a text.')
      tables.messages.put(input)
      return undefined
    }),
    messageOf: service.query(MessageOf, ({ messageId }, { tables }) => tables.messages.get(messageId)),
    roomMessages: service.live(RoomMessages, {
      of: 'messages',
      where: ({ roomId }) => ({ index: 'roomId', value: roomId }),
    }),
    forgetMessage: service.command(ForgetMessage, ({ messageId }, { tables }) => tables.messages.remove(messageId)),
    room: service.decider(room),
    messageToJudge: service.query(MessageToJudge, ({ messageId }, { tables }) => tables.messages.get(messageId)),
    allMessages: service.live(AllMessages, { of: 'messages' }),
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
