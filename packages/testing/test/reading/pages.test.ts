// Reading in pages: every row that matches once, in a stated order, on every engine; and nothing is left out without a word.

import fc from 'fast-check'
import type { PageOptions } from 'tidings'
import { describe, expect, test } from 'vitest'
import { reasonOf } from '../hostile/reason-of.ts'
import { type EngineKind, engines } from '../promises/setup/engines.ts'
import { createWorld, type World } from '../promises/setup/world.ts'
import { type Book, libraryAndReader } from './library.ts'

interface Answer {
  readonly ids: readonly string[]
  readonly next?: string
}

async function openLibrary(kind: EngineKind) {
  const world: World = await createWorld(kind, libraryAndReader())
  const library = world.system.service('library')
  return {
    world,
    library,
    arrange: async (input: unknown): Promise<Answer> => {
      const answer = await world.run(library.command('arrange', input))
      return (answer as { output: Answer }).output
    },
    ask: async (input: { readonly of?: string; readonly how: string; [option: string]: unknown }): Promise<Answer> => {
      const [service, query] = input.of === 'copies' ? ['reader', 'ask-replica'] : ['library', 'ask']
      return (await world.run(world.system.service(service as string).query(query as string, input))) as Answer
    },
    notes: async (input: unknown) =>
      (await world.run(library.query('notes', input))) as { numbers: number[]; next?: string },
  }
}

const book = (id: string, parts: Partial<Book> = {}): Book => ({
  id,
  shelf: 'a',
  year: 2000,
  title: `Book ${id}`,
  ...parts,
})

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => book(`b${String(index).padStart(5, '0')}`))

async function everyPage(read: (page: PageOptions) => Promise<Answer>, options: PageOptions): Promise<string[]> {
  const ids: string[] = []
  let after: string | undefined
  do {
    const page = await read({ ...options, ...(after === undefined ? {} : { after }) })
    expect(page.ids.length).toBeLessThanOrEqual(options.size ?? 100)
    ids.push(...page.ids)
    after = page.next
  } while (after !== undefined && ids.length < 1_000)
  return ids
}

const codeOf = (work: Promise<unknown>) => work.then(() => 'accepted', reasonOf)

/** The books of a reading, in order, without any of the code under test. */
function expected(books: readonly Book[], { where = {}, search = '', sort, reverse = false }: PageOptions): string[] {
  const rank = (value: unknown) => (value === null || value === undefined ? 0 : typeof value === 'string' ? 2 : 1)
  const compare = (a: unknown, b: unknown) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b)
    if (rank(a) === 0) return 0
    const [left, right] = rank(a) === 2 ? [a as string, b as string] : [Number(a), Number(b)]
    return left < right ? -1 : left > right ? 1 : 0
  }
  const matching = books
    .filter((each) => Object.entries(where).every(([name, value]) => (each[name as 'mark'] ?? null) === value))
    .filter((each) => Object.values(each).some((value) => textOf(value).includes(search.toLowerCase())))
    .sort((a, b) => (sort === undefined ? 0 : compare(a[sort as 'mark'], b[sort as 'mark'])) || compare(a.id, b.id))
  return (reverse ? matching.reverse() : matching).map(({ id }) => id)
}

const textOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value).toLowerCase() : ''

const anyBook: fc.Arbitrary<Book> = fc.record(
  {
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    shelf: fc.constantFrom('a', 'b', null),
    year: fc.constantFrom(1, 2, null),
    mark: fc.constantFrom(0, 1, true, false, '1', 'x'),
    title: fc.constantFrom('Der Ärger', 'der BAUM', 'x'),
  },
  { requiredKeys: ['id', 'shelf', 'year', 'title'] },
)
const anyPage: fc.Arbitrary<PageOptions> = fc.record(
  {
    where: fc.oneof(
      fc.record({ shelf: fc.constantFrom('a', null) }),
      fc.record({ mark: fc.constantFrom(1, true, '1', 0) }),
      fc.record({ shelf: fc.constantFrom('a', 'b'), year: fc.constantFrom(1, null) }),
    ),
    search: fc.constantFrom('ÄRGER', 'der', 'X', 'zz'),
    sort: fc.constantFrom('year', 'mark', 'shelf'),
    reverse: fc.boolean(),
    size: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: ['size'] },
)

describe.each(engines)('Pages ($name)', (kind) => {
  test('every row that matches comes once, in order, whatever ties there are: in tables, read models and replicas, and with own writes', async () => {
    const { world, arrange, ask } = await openLibrary(kind)
    const rows = fc.array(anyBook, { maxLength: 8 })
    const readings = fc.array(anyPage, { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(
        rows,
        rows,
        fc.array(fc.constantFrom('a', 'c', 'e'), { maxLength: 2 }),
        readings,
        async (before, put, remove, pages) => {
          await arrange({ remove: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] })
          await arrange({ put: before })
          const now = new Map([...before, ...put].map((each) => [each.id, each]))
          for (const id of remove) now.delete(id)
          const books = [...now.values()]
          for (const page of pages) {
            // Within the command that writes, after its writes.
            const own = await everyPage(
              (options) => arrange({ put, remove, ask: { how: 'page', page: options } }),
              page,
            )
            expect(own, JSON.stringify(page)).toEqual(expected(books, page))
            const stored = await everyPage((options) => ask({ how: 'page', page: options }), page)
            expect(stored, JSON.stringify(page)).toEqual(expected(books, page))
          }
          await world.settle()
          for (const of of ['shown', 'copies'])
            for (const page of pages)
              expect(await everyPage((options) => ask({ of, how: 'page', page: options }), page)).toEqual(
                expected(books, page),
              )
        },
      ),
      { numRuns: kind.name === 'SQLite' ? 12 : 25 },
    )
    await world.close()
  })

  test('rows that are written or removed between two pages neither repeat a row nor hide one', async () => {
    const { world, arrange, ask } = await openLibrary(kind)
    await arrange({ put: ['b', 'd', 'f', 'h'].map((id) => book(id)) })
    const page = { sort: 'year', size: 2 }
    const first = await ask({ how: 'page', page })
    expect(first.ids).toEqual(['b', 'd'])
    await arrange({ put: [book('a'), book('e')], remove: ['d'] })
    const second = await ask({ how: 'page', page: { ...page, after: first.next } })
    expect(second.ids).toEqual(['e', 'f'])
    const third = await ask({ how: 'page', page: { ...page, after: second.next } })
    expect(third).toEqual({ ids: ['h'] })
    await world.close()
  })

  test('`list` and `find` give all rows of 150, and refuse more than 10,000 by naming `page` [trap: read-cut]', async () => {
    const { world, arrange, ask } = await openLibrary(kind)
    for (let from = 0; from < 150; from += 50) await arrange({ put: numbered(150).slice(from, from + 50) })
    expect((await ask({ how: 'list' })).ids).toHaveLength(150)
    expect((await ask({ how: 'find', index: 'shelf', mark: 'a' })).ids).toHaveLength(150)
    expect((await ask({ how: 'list', read: { limit: 100 } })).ids).toHaveLength(100)
    expect((await ask({ how: 'page' })).ids).toHaveLength(100)
    expect((await ask({ how: 'page' })).next).toBeDefined()
    const many = numbered(10_001)
    for (let from = 150; from < many.length; from += 1_000) await arrange({ put: many.slice(from, from + 1_000) })
    const tooMany = { code: 'TOO_MANY_ROWS', hint: expect.stringContaining('page(') }
    await expect(ask({ how: 'list' })).rejects.toMatchObject(tooMany)
    await expect(ask({ how: 'find', index: 'shelf', mark: 'a' })).rejects.toMatchObject(tooMany)
    await expect(arrange({ ask: { how: 'list' } })).rejects.toMatchObject(tooMany)
    expect((await ask({ how: 'list', read: { limit: 10_000 } })).ids).toHaveLength(10_000)
    // A search looks at 10,000 rows for one page, and goes on from there.
    const none = await ask({ how: 'page', page: { search: 'b10000' } })
    expect(none.ids).toEqual([])
    expect(await ask({ how: 'page', page: { search: 'b10000', after: none.next } as PageOptions })).toEqual({
      ids: ['b10000'],
    })
    await world.close()
  }, 30_000)

  test('the facts of a stream come in pages, and all of them without a limit: 1,500, but not 10,001', async () => {
    const { world, library, notes } = await openLibrary(kind)
    await world.run(library.command('note', { id: 'n', count: 1_500 }))
    const all = Array.from({ length: 1_500 }, (_, number) => number)
    expect((await notes({ id: 'n', how: 'read' })).numbers).toEqual(all)
    expect((await notes({ id: 'n', how: 'read', limit: 3 })).numbers).toEqual([0, 1, 2])
    const found: number[] = []
    for (let after: string | undefined; ; ) {
      const page = await notes({ id: 'n', how: 'page', size: 400, ...(after === undefined ? {} : { after }) })
      found.push(...page.numbers)
      after = page.next
      if (after === undefined) break
      expect(await codeOf(notes({ id: 'other', how: 'page', after }))).toBe('INVALID_PAGE')
    }
    expect(found).toEqual(all)
    expect(await codeOf(notes({ id: 'n', how: 'read', limit: 10_001 }))).toBe('INVALID_PAYLOAD')
    for (let count = 1_500; count < 10_000; count += 850)
      await world.run(library.command('note', { id: 'n', count: 850 }))
    expect((await notes({ id: 'n', how: 'read' })).numbers).toHaveLength(10_000)
    await world.run(library.command('note', { id: 'n', count: 1 }))
    expect(await codeOf(notes({ id: 'n', how: 'read' }))).toBe('TOO_MANY_ROWS')
    await world.close()
  }, 30_000)

  test('a `next` of another table, order or selection, or one that was changed, is refused with a message that says so', async () => {
    const { world, arrange, ask } = await openLibrary(kind)
    await arrange({ put: ['a', 'b', 'c'].map((id) => book(id)) })
    const page = { where: { shelf: 'a' }, sort: 'year', size: 1 }
    const { next = '' } = await ask({ how: 'page', page })
    const refusal = async (input: { readonly of?: string; readonly how: string; readonly page: unknown }) =>
      ask(input).then(
        () => 'accepted',
        (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
      )
    const of = (parts: object, table?: string) =>
      refusal({ how: 'page', page: { ...page, after: next, ...parts }, ...(table === undefined ? {} : { of: table }) })
    expect(await of({})).toBe('accepted')
    expect(await of({}, 'others')).toMatch(/^INVALID_PAGE: .*library\/books, not of library\/others/)
    expect(await of({ sort: undefined })).toMatch(/^INVALID_PAGE: .*sorted by year, not by key/)
    expect(await of({ reverse: true })).toMatch(/^INVALID_PAGE: .*sorted by year, not by year descending/)
    expect(await of({ where: { shelf: 'b' } })).toMatch(/^INVALID_PAGE: .*another `where` or `search`/)
    expect(await of({ search: 'x' })).toMatch(/^INVALID_PAGE: .*another `where` or `search`/)
    expect(await of({ size: 2 })).toBe('accepted')
    const changed = [...next].map((char, index) => (index === next.length - 20 ? (char === 'x' ? 'y' : 'x') : char))
    for (const after of [changed.join(''), '', 'a', next.slice(1), `${next} `, null, 7, `p1:%:%:%:%:${next}`])
      expect(await of({ after: after ?? 'null' }), String(after)).toMatch(/^INVALID_PAGE/)
    await world.close()
  })

  test('1, true and text are three values, for rows that are stored and for rows of the same command', async () => {
    const { world, arrange, ask } = await openLibrary(kind)
    const marks = [0, 1, false, true, '0', '1', 'true']
    const put = marks.map((mark, index) => book(`m${index}`, { mark }))
    for (const [index, mark] of marks.entries()) {
      const own = await arrange({ put, ask: { how: 'find', mark } })
      expect(own.ids, `pending ${JSON.stringify(mark)}`).toEqual([`m${index}`])
      expect((await ask({ how: 'find', mark })).ids, `stored ${JSON.stringify(mark)}`).toEqual([`m${index}`])
    }
    await world.close()
  })

  test('a condition that no row can meet is refused instead of reading all rows, or those without the field', async () => {
    const { world, arrange, ask } = await openLibrary(kind)
    await arrange({ put: [book('a'), book('b', { mark: 1 })] })
    for (const mark of [undefined, Number.NaN, Number.POSITIVE_INFINITY, {}, [], '\ud800'])
      expect(await codeOf(ask({ how: 'find', mark })), String(mark)).toMatch(/^(INVALID_PAYLOAD|PAYLOAD_NOT_JSON)$/)
    expect(await codeOf(ask({ how: 'find', index: 'title', mark: 'x' }))).toBe('NOT_DECLARED')
    expect(await codeOf(ask({ how: 'page', page: { sort: 'title' } }))).toBe('NOT_DECLARED')
    expect(await codeOf(ask({ how: 'page', page: { where: { title: 'x' } } }))).toBe('NOT_DECLARED')
    for (const asked of [
      { how: 'find', index: 'title', mark: 'x' },
      { how: 'page', page: { where: { title: 'x' } } },
    ])
      await expect(ask(asked as never)).rejects.toMatchObject({
        message: expect.stringContaining('has no index on "title"; it has indexes on "'),
        hint: expect.stringContaining('`.index("title")`'),
      })
    expect(await codeOf(ask({ how: 'page', page: { size: 0 } }))).toBe('INVALID_PAYLOAD')
    expect(await codeOf(ask({ how: 'page', page: { size: 10_001 } }))).toBe('INVALID_PAYLOAD')
    expect((await ask({ how: 'page', page: { where: { mark: null } } })).ids).toEqual(['a'])
    await world.close()
  })
})
