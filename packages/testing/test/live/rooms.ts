// A chat for live queries: rooms keeps messages in a table and, from its own facts, in a read model; mirror has a replica of them.

import {
  defineCommand,
  defineDecider,
  defineEvent,
  defineLiveQuery,
  defineQuery,
  defineService,
  defineTable,
  fact,
  type Limits,
  replicaOf,
  type Service,
  TidingsError,
} from 'tidings'
import type { LiveItem, LiveReader } from 'tidings/runtime'
import { z } from 'zod'
import type { EngineKind } from '../promises/setup/engines.ts'
import { type Between, createWorld, type World } from '../promises/setup/world.ts'

const message = z.object({ messageId: z.string(), roomId: z.string(), text: z.string() })
const shownMessage = z.object({ messageId: z.string(), text: z.string() })

export const MessageChanged = defineEvent('test.message-changed', { owner: 'rooms', pattern: 'state-transfer' })
  .version(1, message)
  .key(({ messageId }) => messageId)
const Post = defineCommand('post', { input: message })
const Take = defineCommand('take', { input: z.object({ messageId: z.string() }) })
const Note = defineCommand('note', { input: message, key: ({ messageId }) => messageId })
const byRoom = z.object({ roomId: z.string() })

export const RoomMessages = defineLiveQuery('room-messages', { owner: 'rooms', input: byRoom, row: shownMessage })
export const AllMessages = defineLiveQuery('all-messages', { owner: 'rooms', input: z.object({}), row: message })
export const RoomNotes = defineLiveQuery('room-notes', { owner: 'rooms', input: byRoom, row: shownMessage })
export const AllNotes = defineLiveQuery('all-notes', { owner: 'rooms', input: z.object({}), row: message })
export const RoomCopies = defineLiveQuery('room-copies', { owner: 'mirror', input: byRoom, row: shownMessage })
export const Count = defineQuery('count', { owner: 'rooms', input: z.object({}), output: z.number() })

const messages = defineTable('messages')
  .version(1, message)
  .key(({ messageId }) => messageId)
  .index('roomId')
const notes = defineTable('notes')
  .version(1, message)
  .key(({ messageId }) => messageId)
  .index('roomId')

const noted = defineDecider('noted', {
  commands: { Note },
  facts: { noted: fact(message) },
  initialState: () => ({}),
  decide: { Note: (input, _state, { facts }) => facts.noted(input) },
  evolve: { noted: (state) => state },
})

/** What a test changes about the rooms. */
export interface RoomsOptions {
  readonly limits?: Partial<Limits>
  readonly newest?: number
  /** How the projection of the notes is kept. Default: async. */
  readonly mode?: 'async' | 'inline'
  /** Called for each row that is shown. */
  readonly onShow?: (messageId: string) => void
}

/** Both services. */
export function roomsWith({
  limits = {},
  newest = 100,
  mode = 'async',
  onShow = () => {},
}: RoomsOptions = {}): readonly Service[] {
  const rooms = defineService('rooms', {
    publishes: [MessageChanged],
    tables: { messages },
    readModels: { notes },
    limits,
  })
  const mirror = defineService('mirror', {
    replicas: { copies: replicaOf(MessageChanged, { indexes: ['roomId'] }) },
    limits,
  })
  return [
    rooms.with({
      noted: rooms.decider(noted),
      post: rooms.command(Post, { publishes: [MessageChanged] }, (input, { tables, publish }) => {
        tables.messages.put(input)
        publish(MessageChanged, input)
      }),
      take: rooms.command(Take, { publishes: [MessageChanged] }, ({ messageId }, { tables, retract }) => {
        tables.messages.remove(messageId)
        retract(MessageChanged, messageId)
      }),
      notes: rooms.projection('notes', { writes: ['notes'], mode }).onFact(noted, 'noted', (data, { tables }) => {
        tables.notes.put(data)
      }),
      count: rooms.query(Count, async (_input, { tables }) => (await tables.messages.list({ limit: 10_000 })).length),
      roomMessages: rooms.live(RoomMessages, {
        of: 'messages',
        where: ({ roomId }, { principal }) => {
          if (roomId === 'secret' && principal?.id !== 'ada') throw new TidingsError('FORBIDDEN', 'Not for everybody.')
          return { index: roomId === 'no index' ? ('text' as 'roomId') : 'roomId', value: roomId }
        },
        newest,
        show: ({ messageId, text }) => {
          onShow(messageId)
          if (text === 'broken') throw new Error('this row cannot be shown')
          return text === 'hidden' ? undefined : { messageId, text }
        },
      }),
      allMessages: rooms.live(AllMessages, { of: 'messages', newest }),
      allNotes: rooms.live(AllNotes, { of: 'notes' }),
      roomNotes: rooms.live(RoomNotes, {
        of: 'notes',
        where: ({ roomId }) => ({ index: 'roomId', value: roomId }),
        show: ({ messageId, text }) => ({ messageId, text }),
      }),
    }),
    mirror.with({
      roomCopies: mirror.live(RoomCopies, {
        of: 'copies',
        where: ({ roomId }) => ({ index: 'roomId', value: roomId }),
        show: ({ messageId, text }) => ({ messageId, text }),
      }),
    }),
  ]
}

/** A running chat, and what a test does there. */
export interface Chat {
  readonly world: World
  /** Writes a message, or changes an existing one. */
  post(messageId: string, text: string, roomId?: string): Promise<unknown>
  take(messageId: string): Promise<unknown>
  note(messageId: string, text: string, roomId?: string): Promise<unknown>
  read(name?: string, input?: unknown, after?: string, principal?: string): Promise<LiveReader>
  close(): Promise<void>
}

/** Starts a chat. */
export async function chat(kind: EngineKind, options: RoomsOptions = {}, between: Between = {}): Promise<Chat> {
  const world = await createWorld(kind, roomsWith(options), between)
  const rooms = () => world.system.service('rooms')
  return {
    world,
    post: (messageId, text, roomId = 'r1') => world.run(rooms().command('post', { messageId, text, roomId })),
    take: (messageId) => world.run(rooms().command('take', { messageId })),
    note: (messageId, text, roomId = 'r1') => world.run(rooms().command('note', { messageId, text, roomId })),
    read: async (name = 'room-messages', input = { roomId: 'r1' }, after, principal) => {
      const service = world.system.service(name === 'room-copies' ? 'mirror' : 'rooms')
      const options = { ...(after === undefined ? {} : { after }), ...(principal === undefined ? {} : { principal }) }
      const reader = await world.run(service.live(name, input, options))
      if (reader === undefined) throw new Error('the run was killed')
      return reader
    },
    close: () => world.close(),
  }
}

/** What a client has that takes every item of a reader. */
export interface Follower {
  readonly items: LiveItem[]
  /** The rows, by key, after all items. */
  readonly rows: Map<string, unknown>
  readonly ended: Promise<void>
  /** `snapshot a b · put c · remove a`. */
  readonly story: string
}

/** Takes every item of a reader at once. */
export function follow(reader: LiveReader, rows = new Map<string, unknown>()): Follower {
  const items: LiveItem[] = []
  const ended = (async () => {
    for await (const item of reader) {
      items.push(item)
      if (item.kind === 'snapshot') {
        rows.clear()
        for (const { key, row } of item.rows) rows.set(key, row)
      } else if (item.kind === 'put') rows.set(item.key, item.row)
      else rows.delete(item.key)
    }
  })()
  ended.catch(() => {})
  return {
    items,
    rows,
    ended,
    get story() {
      return items
        .map((item) =>
          [item.kind, ...(item.kind === 'snapshot' ? item.rows.map(({ key }) => key) : [item.key])].join(' '),
        )
        .join(' · ')
    },
  }
}
