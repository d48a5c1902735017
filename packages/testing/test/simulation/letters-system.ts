// A minimal sender and reader, which each test of the simulator breaks in one place.

import {
  defineCommand,
  defineDecider,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  type EventMeta,
  fact,
  replicaOf,
  type Service,
} from 'tidings'
import { z } from 'zod'
import { send, type WorkloadStep, type WorkloadTools } from '../../src/index.ts'

const letter = z.object({ to: z.string(), text: z.string() })
const address = z.object({ name: z.string(), street: z.string() })

export const LetterSent = defineEvent('mail.letter-sent', { owner: 'post', pattern: 'notification' })
  .version(1, letter)
  .key(({ to }) => to)
export const AddressChanged = defineEvent('mail.address-changed', { owner: 'post', pattern: 'state-transfer' })
  .version(1, address)
  .key(({ name }) => name)
export const LetterFiled = defineEvent('mail.letter-filed', { owner: 'desk', pattern: 'event-sourcing' })
  .version(1, letter)
  .key(({ to }) => to)

export const SendLetter = defineCommand('send-letter', { input: letter, key: ({ to }) => to })
export const ChangeAddress = defineCommand('change-address', { input: address, key: ({ name }) => name })
export const FileLetter = defineCommand('file-letter', { input: letter, key: ({ to }) => to })
export const SealBox = defineCommand('seal-box', { input: z.object({ to: z.string() }), key: ({ to }) => to })
export const FilesOf = defineQuery('files-of', {
  owner: 'desk',
  input: z.object({ to: z.string() }),
  output: z.object({ count: z.number() }),
})

const addresses = defineTable('addresses')
  .version(1, address)
  .key(({ name }) => name)
const boxes = defineTable('boxes')
  .version(1, z.object({ to: z.string(), texts: z.array(z.string()) }))
  .key(({ to }) => to)
const counts = defineTable('counts')
  .version(1, z.object({ to: z.string(), count: z.number() }))
  .key(({ to }) => to)

const shelves = defineTable('shelves')
  .version(1, z.object({ to: z.string(), count: z.number() }))
  .key(({ to }) => to)

const files = defineDecider('files', {
  commands: { FileLetter },
  facts: { filed: fact(z.object({ text: z.string() })) },
  initialState: () => 0,
  decide: { FileLetter: ({ text }, _state, { facts }) => facts.filed({ text }) },
  evolve: { filed: (count) => count + 1 },
})

/** What a test breaks or counts. */
export interface Parts {
  /** Runs in the function of the command that sends letters. */
  readonly onSend?: (to: string) => unknown
  /** Runs in the reader's handler, after its writes. */
  readonly onLetter?: (event: EventMeta) => unknown
  /** How much the projection counts for a letter. */
  readonly counting?: () => number
}

/** The post that sends letters, and the desk that reads and files them. */
export function letters({ onSend, onLetter, counting = () => 1 }: Parts = {}): readonly Service[] {
  const post = defineService('post', { publishes: [LetterSent, AddressChanged], tables: { addresses } })
  const desk = defineService('desk', {
    publishes: [LetterFiled],
    tables: { boxes },
    readModels: { counts, shelves },
    replicas: { people: replicaOf(AddressChanged) },
  })
  return [
    post.with({
      send: post.command(SendLetter, { publishes: [LetterSent] }, (sent, { publish }) => {
        onSend?.(sent.to)
        publish(LetterSent, sent)
      }),
      change: post.command(ChangeAddress, { publishes: [AddressChanged] }, (changed, { tables, publish }) => {
        tables.addresses.put(changed)
        publish(AddressChanged, changed)
      }),
    }),
    desk.with({
      files: desk.decider(files, {
        publishes: [LetterFiled],
        announce: { filed: ({ text }, _count, { event, meta }) => event(LetterFiled, { to: meta.stream, text }) },
      }),
      read: desk.on(LetterSent, { executes: [FileLetter] }, async (sent, { tables, execute, event }) => {
        const box = await tables.boxes.get(sent.to)
        tables.boxes.put({ to: sent.to, texts: [...(box?.texts ?? []), sent.text] })
        await execute(FileLetter, sent)
        await onLetter?.(event)
      }),
      shelves: desk
        .projection('shelves', { writes: ['shelves'], mode: 'inline' })
        .onFact(files, 'filed', async (_filed, { tables, fact: { stream } }) => {
          const before = await tables.shelves.get(stream)
          tables.shelves.put({ to: stream, count: (before?.count ?? 0) + 1 })
        }),
      seal: desk.command(SealBox, async ({ to }, { streams, tables }) => {
        const { state: filed } = await streams.load(files, to)
        tables.boxes.put({ to, texts: [`${filed} are filed`] })
      }),
      counts: desk.projection('counts', { writes: ['counts'] }).on(LetterSent, async ({ to }, { tables }) => {
        const before = await tables.counts.get(to)
        tables.counts.put({ to, count: (before?.count ?? 0) + counting() })
      }),
      filesOf: desk.query(FilesOf, ({ to }, { readModels }) => readModels.counts.get(to)),
    }),
  ]
}

/** Letters to few people, and people who move. */
export function* mail({ random }: WorkloadTools): Iterable<WorkloadStep> {
  for (let number = 1; ; number++) {
    const to = random.pick(['ann', 'bob', 'eve'])
    yield random.happens(0.8)
      ? send('post', SendLetter, { to, text: `letter ${number}` })
      : send('post', ChangeAddress, { name: to, street: `street ${number}` })
  }
}
