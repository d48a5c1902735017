// A rejection that is thrown is the domain's no, exactly as if it had been returned: in commands, in deciders, and in what they call.

import { defineCommand, defineDecider, defineService, defineTable, fact, isRejection, reject } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { given, inSession, type Session } from '../../src/index.ts'

const input = z.object({ id: z.string() })
const books = defineTable('books')
  .version(1, z.object({ id: z.string(), lent: z.boolean() }))
  .key(({ id }) => id)
const LendBook = defineCommand('lend-book', { input, output: z.object({ id: z.string() }) })
const LendAsync = defineCommand('lend-async', { input })
const LendPolitely = defineCommand('lend-politely', { input, output: z.object({ refused: z.string() }) })
const Reserve = defineCommand('reserve', { input, key: ({ id }) => id })

/** A check that functions share: it ends the function that calls it. */
function mustBeFree(id: string): void {
  if (id === 'gone') throw reject('lent-already', `Book ${id} is lent.`, { id })
}

const reservation = defineDecider('reservation', {
  commands: { Reserve },
  facts: { reserved: fact(input) },
  initialState: () => ({ count: 0 }),
  decide: {
    Reserve: ({ id }, _, { facts }) => {
      mustBeFree(id)
      return facts.reserved({ id })
    },
  },
  evolve: { reserved: ({ count }) => ({ count: count + 1 }) },
})

const definition = defineService('library', { tables: { books } })
const library = definition.with({
  lend: definition.command(LendBook, ({ id }, { tables }) => {
    tables.books.put({ id, lent: true })
    mustBeFree(id)
    return { id }
  }),
  lendAsync: definition.command(LendAsync, async ({ id }, { tables }) => {
    await tables.books.get(id)
    mustBeFree(id)
  }),
  lendPolitely: definition.command(LendPolitely, { executes: [LendBook] }, async ({ id }, { execute }) => {
    const lent = await execute(LendBook, { id })
    return { refused: isRejection(lent) ? lent.code : 'no' }
  }),
  reserve: definition.decider(reservation),
})

const rejected = {
  accepted: false,
  rejection: { code: 'lent-already', message: 'Book gone is lent.', details: { id: 'gone' } },
}
const rowsIn = (session: Session) =>
  session.drive(Promise.resolve(session.runtime(library).store.find({ table: 'books', limit: 10 })))

test.each([
  ['a command', LendBook],
  ['a command that waits', LendAsync],
  ['a decider', Reserve],
])('a rejection thrown in %s is its answer, under a key too, and nothing is committed', async (_, command) => {
  await inSession({ services: [library] }, async (session) => {
    expect(await session.command(library, command, { id: 'gone' })).toMatchObject(rejected)
    const keyed = { idempotencyKey: 'k-1' }
    const runtime = session.runtime(library)
    expect(await session.drive(runtime.command(command.name, { id: 'gone' }, keyed))).toMatchObject(rejected)
    expect(await session.drive(runtime.command(command.name, { id: 'gone' }, keyed))).toMatchObject({
      ...rejected,
      replayed: true,
    })
    expect(await rowsIn(session)).toEqual([])
  })
})

test('a command that executes another gets a thrown rejection as a value', () =>
  inSession({ services: [library] }, async (session) => {
    const runtime = session.runtime(library)
    expect(await session.drive(runtime.command(LendPolitely.name, { id: 'gone' }))).toMatchObject({
      accepted: true,
      output: { refused: 'lent-already' },
    })
    expect(await rowsIn(session)).toEqual([])
  }))

test('given/when/then takes a thrown rejection for a rejection', async () => {
  given(reservation).when('Reserve', { id: 'gone' }).thenRejected('lent-already', { id: 'gone' })
  await given(library).when(LendBook, { id: 'gone' }).thenRejected('lent-already')
})
