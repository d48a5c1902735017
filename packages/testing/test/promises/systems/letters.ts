// A minimal sender and reader: post publishes letters, the desk reads them and keeps what it has read.

import {
  defineCommand,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  type EventMeta,
  type Limits,
  type Service,
} from 'tidings'
import { deferredEvents } from 'tidings/operations'
import { z } from 'zod'
import type { World } from '../setup/world.ts'
import { rowsOf } from './fulfilment.ts'

const letter = z.object({ to: z.string(), number: z.number() })

/** A letter. */
export type Letter = z.infer<typeof letter>

export const LetterSent = defineEvent('test.letter-sent', { owner: 'post', pattern: 'notification' })
  .version(1, letter)
  .key(({ to }) => to)

export const LetterRead = defineEvent('test.letter-read', { owner: 'desk', pattern: 'notification' })
  .version(1, letter)
  .key(({ to }) => to)

export const SendLetters = defineCommand('send-letters', { input: z.object({ letters: z.array(letter) }) })
export const LettersRead = defineQuery('letters-read', {
  owner: 'desk',
  input: z.object({ to: z.string() }),
  output: z.object({ numbers: z.array(z.number()) }),
})

const postDefinition = defineService('post', { publishes: [LetterSent] })
export const post = postDefinition.with({
  send: postDefinition.command(SendLetters, { publishes: [LetterSent] }, ({ letters }, { publish }) => {
    for (const sent of letters) publish(LetterSent, sent)
  }),
})

const read = defineTable('read')
  .version(1, z.object({ to: z.string(), numbers: z.array(z.number()) }))
  .key(({ to }) => to)

/** What the desk's handler gets. */
export interface LetterContext {
  readonly event: EventMeta
  readonly attempt: number
  /** Publishes a second time that the letter was read. */
  readonly publish: () => void
}

/** Options of the desk. */
export interface DeskOptions {
  readonly limits?: Partial<Limits>
  /** Runs within the handler, after its writes. */
  readonly onLetter?: (letter: Letter, context: LetterContext) => unknown
}

/** The service that reads letters. */
export function deskWith({ limits = {}, onLetter }: DeskOptions = {}): Service {
  const definition = defineService('desk', { publishes: [LetterRead], tables: { read }, limits })
  return definition.with({
    readLetter: definition.on(
      LetterSent,
      { publishes: [LetterRead] },
      async (sent, { tables, publish, ...context }) => {
        const before = await tables.read.get(sent.to)
        tables.read.put({ to: sent.to, numbers: [...(before?.numbers ?? []), sent.number] })
        publish(LetterRead, sent)
        await onLetter?.(sent, { ...context, publish: () => publish(LetterRead, sent) })
      },
    ),
    lettersRead: definition.query(LettersRead, ({ to }, { tables }) => tables.read.get(to)),
  })
}

/** Sends letters in one command: `sendLetters(world, 'a1', 'b1', 'a2')`. */
export async function sendLetters(world: World, ...letters: readonly string[]): Promise<void> {
  const input = { letters: letters.map((text) => ({ to: text.slice(0, 1), number: Number(text.slice(1)) })) }
  await world.run(world.system.service('post').command('send-letters', input))
}

/** What the desk has read: `{ a: [1, 2], b: [1] }`. */
export async function lettersRead(world: World): Promise<Record<string, readonly number[]>> {
  const rows = await rowsOf(world, 'desk', 'read')
  return Object.fromEntries(rows.map(({ to, numbers }) => [to, numbers as number[]]))
}

/** The desk's deferred letters: `a@2 parked`. */
export function deferredLetters(world: World, service = 'desk'): readonly string[] {
  return deferredEvents(world.system.service(service)).map(
    (event) => `${event.key}@${Number(event.position)} ${event.state}`,
  )
}
