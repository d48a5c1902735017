// A process manager whose instances are authors and whose events are messages, keyed by room: one room speaks to many instances, and one author
// speaks in many rooms. Each greeting needs the author's row in a replica.

import {
  defineCommand,
  defineEvent,
  defineService,
  defineTable,
  fact,
  type Limits,
  replicaOf,
  type Service,
} from 'tidings'
import { deferredEvents } from 'tidings/operations'
import { z } from 'zod'
import type { World } from '../setup/world.ts'
import { rowsOf, send } from './fulfilment.ts'

const message = z.object({ room: z.string(), author: z.string(), text: z.string() })
const member = z.object({ name: z.string() })

const MessagePosted = defineEvent('test.message-posted', { owner: 'rooms', pattern: 'notification' })
  .version(1, message)
  .key(({ room }) => room)
const MemberChanged = defineEvent('test.member-changed', { owner: 'members', pattern: 'state-transfer' })
  .version(1, member)
  .key(({ name }) => name)
const PostMessage = defineCommand('post-message', { input: message })
const Register = defineCommand('register', { input: member })

const roomsDefinition = defineService('rooms', { publishes: [MessagePosted] })
/** Publishes messages, keyed by room. */
export const rooms = roomsDefinition.with({
  post: roomsDefinition.command(PostMessage, { publishes: [MessagePosted] }, (posted, { publish }) =>
    publish(MessagePosted, posted),
  ),
})

const membersDefinition = defineService('members', { publishes: [MemberChanged] })
/** Publishes its members. */
export const members = membersDefinition.with({
  register: membersDefinition.command(Register, { publishes: [MemberChanged] }, (registered, { publish }) =>
    publish(MemberChanged, registered),
  ),
})

const greetings = defineTable('greetings')
  .version(1, z.object({ id: z.string(), texts: z.array(z.string()) }))
  .key(({ id }) => id)
const Note = defineCommand('note', { input: z.object({ id: z.string(), text: z.string() }) })

/** Options of the greeter. */
export interface GreeterOptions {
  readonly limits?: Partial<Limits>
  /** Puts a handler, which keeps the messages of each room, and the process into one subscriber. */
  readonly shared?: boolean
  /** Runs within the process, before it greets. */
  readonly onMessage?: (text: string, attempt: number) => unknown
  /** What the process uses as its key. Default: the author. */
  readonly keyOf?: (posted: z.infer<typeof message>) => string
}

/** The service with the process `greeting`. What it has heard is in the rows of `greetings`, by author; with `shared`, also by room. */
export function greeterWith({ limits = {}, shared = false, onMessage, keyOf }: GreeterOptions = {}): Service {
  const definition = defineService('greeter', {
    tables: { greetings },
    replicas: { members: replicaOf(MemberChanged) },
    limits: { retryDelayMs: 100, requireTimeoutMs: 50, pollMs: 60_000, ...limits },
  })
  const process = definition
    .process('greeting', {
      facts: { greeted: fact(z.object({})) },
      initialState: () => ({}),
      evolve: { greeted: (state) => state },
      executes: [Note],
      ...(shared ? { subscriber: 'main' } : {}),
    })
    .starts(
      MessagePosted,
      keyOf ?? (({ author }) => author),
      async ({ author, text }, { replicas, execute, attempt }) => {
        await replicas.members.require(author)
        await onMessage?.(text, attempt)
        await execute(Note, { id: author, text })
      },
    )
  const note = definition.command(Note, async ({ id, text }, { tables }) => {
    const before = await tables.greetings.get(id)
    tables.greetings.put({ id, texts: [...(before?.texts ?? []), text] })
  })
  if (!shared) return definition.with({ process, note })
  return definition.with({
    process,
    note,
    keepRoom: definition.on(MessagePosted, { executes: [Note] }, async ({ room, text }, { execute }) => {
      await execute(Note, { id: room, text })
    }),
  })
}

/** Posts messages, each in a command of its own: `say(world, 'r1 ann hello')`. */
export async function say(world: World, ...messages: readonly string[]): Promise<void> {
  for (const each of messages) {
    const [room, author, text] = each.split(' ')
    await send(world, 'rooms', 'post-message', { room, author, text })
  }
}

/** Registers members. */
export async function register(world: World, ...names: readonly string[]): Promise<void> {
  for (const name of names) await send(world, 'members', 'register', { name })
}

/** What was noted, by author and by room: `{ ann: ['hello'] }`. */
export async function noted(world: World): Promise<Record<string, readonly string[]>> {
  const rows = await rowsOf(world, 'greeter', 'greetings')
  return Object.fromEntries(rows.map(({ id, texts }) => [id, texts as string[]]))
}

/** The deferred events of the process: `ann waiting`. */
export function deferredGreetings(world: World): readonly string[] {
  return deferredEvents(world.system.service('greeter')).map(({ key, state }) => `${key} ${state}`)
}
