// A library for tests of pages: its books are in a table, in a read model and in another service's replica, and some have many facts.

import {
  defineCommand,
  defineDecider,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  fact,
  type PageOptions,
  type ReadOptions,
  replicaOf,
  type Service,
} from 'tidings'
import { z } from 'zod'

const book = z.object({
  id: z.string(),
  shelf: z.enum(['a', 'b']).nullable(),
  year: z.number().nullable(),
  mark: z.union([z.string(), z.number(), z.boolean()]).optional(),
  title: z.string(),
})

/** A book. */
export type Book = z.infer<typeof book>

const BookChanged = defineEvent('library.book-changed', { owner: 'library', pattern: 'state-transfer' })
  .version(1, book)
  .key(({ id }) => id)

const keep = (name: string) =>
  defineTable(name)
    .version(1, book)
    .key(({ id }) => id)
    .index('shelf')
    .index('year')
    .index('mark')

const asked = z.object({
  /** `page`, or else the value of `mark` to find. */
  how: z.enum(['page', 'list', 'find']),
  of: z.enum(['books', 'others', 'shown', 'copies']).default('books'),
  page: z.custom<PageOptions>().optional(),
  read: z.custom<ReadOptions>().optional(),
  index: z.string().default('mark'),
  mark: z.any().optional(),
})
const ids = z.object({ ids: z.array(z.string()), next: z.string().optional() })

/** Writes books, removes some, and asks before the commit. */
export const Arrange = defineCommand('arrange', {
  input: z.object({ put: z.array(book).default([]), remove: z.array(z.string()).default([]), ask: asked.optional() }),
  output: ids,
})
export const Ask = defineQuery('ask', { owner: 'library', input: asked, output: ids })
export const AskReplica = defineQuery('ask-replica', { owner: 'reader', input: asked, output: ids })

export const Note = defineCommand('note', {
  input: z.object({ id: z.string(), count: z.number() }),
  key: ({ id }) => id,
})
/** A book's notes: private facts. */
export const notes = defineDecider('notes', {
  commands: { Note },
  facts: { noted: fact(z.object({ number: z.number() })) },
  initialState: () => ({ count: 0 }),
  decide: {
    Note: ({ count }, state, { facts }) =>
      Array.from({ length: count }, (_, index) => facts.noted({ number: state.count + index })),
  },
  evolve: { noted: ({ count }) => ({ count: count + 1 }) },
})
const reading = z.object({ after: z.string().optional(), size: z.number().optional(), limit: z.number().optional() })
export const Notes = defineQuery('notes', {
  owner: 'library',
  input: reading.extend({ id: z.string(), how: z.enum(['read', 'page']) }),
  output: z.object({ numbers: z.array(z.number()), next: z.string().optional() }),
})

interface Reader {
  page(options?: PageOptions): Promise<{ readonly rows: readonly unknown[]; readonly next: string | undefined }>
  list(options?: ReadOptions): Promise<readonly unknown[]>
  find(index: never, value: never, options?: ReadOptions): Promise<readonly unknown[]>
}

async function answer(reader: Reader | undefined, input: z.infer<typeof asked>) {
  if (reader === undefined) throw new Error('no such table')
  const { rows, next } =
    input.how === 'page'
      ? await reader.page(input.page)
      : {
          rows: await (input.how === 'list'
            ? reader.list(input.read)
            : reader.find(input.index as never, input.mark as never, input.read)),
          next: undefined,
        }
  return { ids: rows.map((row) => (row as Book).id), ...(next === undefined ? {} : { next }) }
}

/** The library, and a reader that has its books as a replica. */
export function libraryAndReader(): readonly Service[] {
  const library = defineService('library', {
    publishes: [BookChanged],
    tables: { books: keep('books'), others: keep('others') },
    readModels: { shown: keep('shown') },
  })
  const reader = defineService('reader', {
    replicas: { copies: replicaOf(BookChanged, { indexes: ['shelf', 'year', 'mark'] }) },
  })
  return [
    library.with({
      arrange: library.command(Arrange, { publishes: [BookChanged] }, async (input, { tables, publish, retract }) => {
        for (const each of input.put) {
          tables.books.put(each)
          publish(BookChanged, each)
        }
        for (const id of input.remove) {
          tables.books.remove(id)
          retract(BookChanged, id)
        }
        return input.ask === undefined ? { ids: [] } : answer(tables.books as unknown as Reader, input.ask)
      }),
      shown: library
        .projection('shown', { writes: ['shown'] })
        .on(BookChanged, (data, { tables }) => tables.shown.put(data))
        .onRetracted(BookChanged, (key, { tables }) => tables.shown.remove(key)),
      ask: library.query(Ask, (input, { tables, readModels }) =>
        answer({ ...tables, ...readModels }[input.of as 'books'] as unknown as Reader, input),
      ),
      notes: library.decider(notes, {}),
      readNotes: library.query(Notes, async ({ id, how, ...options }, { streams }) => {
        const { limit, size, after } = options
        if (how === 'read') {
          const facts = await streams.read(notes, id, limit === undefined ? {} : { limit })
          return { numbers: facts.map(({ data }) => (data as { number: number }).number) }
        }
        const { rows, next } = await streams.page(notes, id, { size, after })
        return { numbers: rows.map(({ data }) => (data as { number: number }).number), next }
      }),
    }),
    reader.with({
      ask: reader.query(AskReplica, (input, { replicas }) => answer(replicas.copies as unknown as Reader, input)),
    }),
  ]
}
