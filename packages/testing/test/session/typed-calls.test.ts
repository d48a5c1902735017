// Calls within the process are typed by the service's declaration, and waiting until a system has settled needs no timeout.

import { defineCommand, defineDecider, defineEvent, defineQuery, defineService, defineTable, fact } from 'tidings'
import {
  createManualClock,
  createManualTimeouts,
  createSeededRandom,
  createSequentialIds,
  memoryDriver,
} from 'tidings/memory'
import { createSystem } from 'tidings/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'

const Book = z.object({ isbn: z.string(), tags: z.array(z.string()) })
const BookAdded = defineEvent('library.book-added', { owner: 'library', pattern: 'notification' })
  .version(1, Book)
  .key(({ isbn }) => isbn)
const AddBook = defineCommand('add-book', { input: Book, output: z.object({ count: z.number() }) })
const Rename = defineCommand('rename', { input: z.object({ name: z.string() }), key: () => 'library' })
const Books = defineQuery('books', { owner: 'library', input: z.object({}), output: z.object({ rows: z.array(Book) }) })
const NameOf = defineQuery('name-of', {
  owner: 'library',
  input: z.object({}),
  output: z.object({ name: z.string(), version: z.number() }),
})
const Unlisted = defineQuery('unlisted', { owner: 'library', input: z.object({}), output: Book })
const books = defineTable('books')
  .version(1, Book)
  .key(({ isbn }) => isbn)

const name = defineDecider('name', {
  commands: { Rename },
  facts: { renamed: fact(z.object({ name: z.string() })), noted: fact(z.object({})) },
  initialState: () => ({ name: '' }),
  decide: { Rename: (rename, _state, { facts }) => [facts.renamed(rename), facts.noted({})] },
  evolve: { renamed: (_state, data) => ({ name: data.name }) },
})
const definition = defineService('library', { publishes: [BookAdded], tables: { books } })
const library = definition.with({
  addBook: definition.command(AddBook, { publishes: [BookAdded] }, async (book, { tables, publish }) => {
    tables.books.put(book)
    publish(BookAdded, book)
    return { count: 1 }
  }),
  // The rows are read-only: they go into the answer as they are.
  books: definition.query(Books, async (_input, { tables }) => {
    const rows: readonly { readonly isbn: string; readonly tags: readonly string[] }[] = await tables.books.list()
    return { rows }
  }),
  name: definition.decider(name),
  nameOf: definition.query(NameOf, async (_input, { streams }) => {
    const { state, version } = await streams.load(name, 'library')
    return { ...state, version }
  }),
})
const reader = defineService('reader', { limits: { attemptsMax: 10, retryDelayMs: 30_000 } })
let failures = 0
const slow = reader.with({
  hear: reader.on(BookAdded, () => {
    if (failures-- > 0) throw new Error('not yet')
  }),
})

async function running() {
  const clock = createManualClock()
  const timeouts = createManualTimeouts(clock)
  const environment = { clock, timeouts, random: createSeededRandom(1), ids: createSequentialIds(), log: () => {} }
  const system = await createSystem({ services: [library, slow], driver: memoryDriver(), environment })
  onTestFinished(() => timeouts.runUntil(system.close()))
  return { system, clock, timeouts }
}

test('a call within the process has the types of its contract, and needs no exposure', async () => {
  const { system } = await running()
  const calls = system.service(library)
  const added = await calls.command(AddBook, { isbn: '1', tags: ['a'] })
  expect(added.accepted && (added.output.count satisfies number)).toBe(1)
  const found = await calls.query(Books, {})
  expect(found?.rows[0]?.isbn satisfies string | undefined).toBe('1')
  // @ts-expect-error: the service does not answer it
  await expect(calls.query(Unlisted, {})).rejects.toMatchObject({ code: 'UNKNOWN_QUERY' })
  // @ts-expect-error: a book has an isbn
  await expect(calls.command(AddBook, {})).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' })
  expect(() => system.service({ ...library, name: 'nobody' })).toThrow('No service "nobody" runs here.')
})

test('a fact without a function in `evolve` does not change the state', async () => {
  const { system } = await running()
  await system.service(library).command(Rename, { name: 'East' })
  expect(await system.service(library).query(NameOf, {})).toEqual({ name: 'East', version: 2 })
})

test('a misspelt fact in `evolve` is refused, not ignored', () => {
  const spec = { commands: {}, facts: { noted: fact(z.object({})) }, initialState: () => 0, decide: {} }
  expect(() => defineDecider('notes', { ...spec, evolve: { note: () => 1 } as never })).toThrow(
    'Decider notes evolves "note", which is not one of its facts.',
  )
})

test('a system whose retries take minutes settles without a timeout that somebody guessed', async () => {
  const { system, clock, timeouts } = await running()
  failures = 7
  await system.service(library).command(AddBook, { isbn: '1', tags: [] })
  const startedAt = clock.now()
  await timeouts.runUntil(system.settled())
  expect(failures).toBeLessThan(0)
  expect(clock.now() - startedAt).toBeGreaterThan(60_000)
  failures = 7
  await system.service(library).command(AddBook, { isbn: '2', tags: [] })
  const late = timeouts.runUntil(system.settled({ timeoutMs: 1_000 }))
  await expect(late).rejects.toMatchObject({ code: 'TIMED_OUT', message: expect.stringContaining('within 1000 ms') })
})
