// Reads that lose a guarantee.

import type { ColumnValue, EventLogPage, EventLogRequest, FactsPage, RowQuery, Store, StoredRow } from 'tidings/ports'
import type { Mutation } from './break-driver.ts'

/** Breaks some methods. */
function withParts(parts: (store: Store) => Partial<Store>): Mutation['damage'] {
  return () => ({ store: (store) => ({ ...store, ...parts(store) }) })
}

function withLog(readEventLog: (store: Store, request: EventLogRequest) => Promise<EventLogPage>): Mutation['damage'] {
  return withParts((store) => ({ readEventLog: (request) => readEventLog(store, request) }))
}

function withFind(find: (store: Store, query: RowQuery) => Promise<readonly StoredRow[]>): Mutation['damage'] {
  return withParts((store) => ({ find: (query) => find(store, query) }))
}

/** Every way in which a read is broken. */
export const brokenReads: readonly Mutation[] = [
  {
    wrong: 'a filtered read moves on beyond what it has looked at',
    damage: withLog(async (store, request) => {
      const page = await store.readEventLog(request)
      return request.types === undefined ? page : { ...page, next: page.head }
    }),
    noticedBy: ['reading on from `next` gives every event once', 'a filtered page shows every match up to its `next`'],
  },
  {
    wrong: 'the slot of a key is not the one that is the same on every engine',
    damage: withLog(async (store, { slots, ...request }) => {
      const page = await store.readEventLog(request)
      if (slots === undefined) return page
      const slotOf = (key: string) => [...new TextEncoder().encode(key)].reduce((sum, byte) => (sum + byte) % 256, 0)
      return { ...page, events: page.events.filter(({ key }) => slotOf(key) >= slots.from && slotOf(key) < slots.to) }
    }),
    noticedBy: ['a read by slots gives every event whose key has one of them'],
  },
  {
    wrong: 'a read by slots moves on beyond what it has looked at',
    damage: withLog(async (store, request) => {
      const page = await store.readEventLog(request)
      return request.slots === undefined ? page : { ...page, next: page.head }
    }),
    noticedBy: ['a page by slots shows every match up to its `next`'],
  },
  {
    wrong: 'the head of a read by slots is that of the slots',
    damage: withLog(async (store, request) => {
      const page = await store.readEventLog(request)
      return request.slots === undefined ? page : { ...page, head: page.next }
    }),
    noticedBy: ['a page by slots shows every match up to its `next`, and its head is that of all slots'],
  },
  {
    wrong: 'an index whose ties come in any order leaves out ties',
    damage: withFind(async (store, query) => {
      const rows = await store.find(query)
      const valueIn = ({ json }: StoredRow) => JSON.stringify((JSON.parse(json) as { columns?: unknown }).columns)
      if (query.index === undefined || query.index.equals !== undefined) return rows
      return rows.filter((row, index) => index === 0 || valueIn(row) !== valueIn(rows[index - 1] as StoredRow))
    }),
    noticedBy: ['along an index whose ties come in any order, rows come by value, each once'],
  },
  {
    wrong: 'a read along an index whose ties come in any order is continued',
    damage: withFind(async (store, query) => {
      try {
        return await store.find(query)
      } catch {
        return []
      }
    }),
    noticedBy: ['along an index whose ties come in any order, rows come by value, each once'],
  },
  {
    wrong: 'a filtered read that finds nothing does not move on',
    damage: withLog(async (store, request) => {
      const page = await store.readEventLog(request)
      return page.events.length === 0 ? { ...page, next: request.after } : page
    }),
    noticedBy: ['reading on from `next` gives every event once'],
  },
  {
    wrong: 'a position is given out twice',
    damage: withLog(async (store, request) => {
      const page = await store.readEventLog(request)
      const twice = (position: string) => (position === '0000000000000005' ? '0000000000000004' : position)
      return { ...page, events: page.events.map((event) => ({ ...event, position: twice(event.position) })) }
    }),
    noticedBy: ['Ordering: positions are given in the order of commit'],
  },
  {
    wrong: 'positions are numbers without their zeros',
    damage: withLog(async (store, request) => {
      const page = await store.readEventLog(request)
      return { ...page, events: page.events.map((event) => ({ ...event, position: String(Number(event.position)) })) }
    }),
    noticedBy: ['Ordering: positions are given in the order of commit'],
  },
  {
    wrong: 'events come in the order of their keys',
    damage: withLog(async (store, request) => {
      const page = await store.readEventLog(request)
      return { ...page, events: [...page.events].sort((a, b) => (a.key < b.key ? -1 : 1)) }
    }),
    noticedBy: ['Ordering: positions are given in the order of commit'],
  },
  {
    wrong: 'the limit of a page is ignored',
    damage: withLog((store, request) => Promise.resolve(store.readEventLog({ ...request, limit: 1_000 }))),
    noticedBy: ['a page has at most the limit, begins behind `after`'],
  },
  {
    wrong: 'the end of the log is the beginning again',
    damage: withLog(async (store, request) => {
      const page = await store.readEventLog(request)
      return page.events.length === 0 ? { ...page, next: '' } : page
    }),
    noticedBy: ['at the end of the log, `next` equals the request’s `after`'],
  },
  {
    wrong: 'the versions of a stream have a gap',
    damage: withParts((store) => ({
      readStream: async (category, stream, after, limit) =>
        (await store.readStream(category, stream, after, limit)).map((fact) => ({
          ...fact,
          streamVersion: fact.streamVersion + (fact.streamVersion > 2 ? 1 : 0),
        })),
    })),
    noticedBy: ['Ordering: facts of one stream have the versions 1, 2, 3'],
  },
  {
    wrong: 'readStream begins with the version it should begin behind',
    damage: withParts((store) => ({
      readStream: (category, stream, after, limit) => store.readStream(category, stream, Math.max(0, after - 1), limit),
    })),
    noticedBy: ['readStream gives the facts behind a version'],
  },
  {
    wrong: 'facts are read stream by stream',
    damage: withParts((store) => ({
      readFacts: async (request): Promise<FactsPage> => {
        const page = await store.readFacts(request)
        return { ...page, facts: [...page.facts].sort((a, b) => (a.stream < b.stream ? -1 : 0)) }
      },
    })),
    noticedBy: ['Ordering: facts of all streams are read in the order they were committed'],
  },
  {
    wrong: 'facts of categories move on to the head at once',
    damage: withParts((store) => ({
      readFacts: async (request): Promise<FactsPage> => {
        const page = await store.readFacts(request)
        return request.categories === undefined ? page : { ...page, next: page.head }
      },
    })),
    noticedBy: ['reading on from `next` gives every fact once'],
  },
  {
    wrong: 'categories and ids run together',
    damage: withParts((store) => ({
      streamVersion: async (category, stream) => {
        const { facts } = await store.readFacts({ after: '', limit: 10_000 })
        const name = `${category}/${stream}`.replaceAll(/[/:.]/g, '-')
        return facts.filter((fact) => `${fact.category}/${fact.stream}`.replaceAll(/[/:.]/g, '-') === name).length
      },
    })),
    noticedBy: ['a category and an id never run together'],
  },
  {
    wrong: 'keys come in the order of UTF-16 units',
    damage: withFind(async (store, query) =>
      [...(await store.find(query))].sort((a, b) => (a.key < b.key === (query.reverse !== true) ? -1 : 1)),
    ),
    noticedBy: ['without index, rows come in the order of their keys'],
  },
  {
    wrong: 'a page begins with the row it should begin after',
    damage: withFind(async (store, query) => {
      const { after, ...rest } = query
      if (after === undefined || query.index !== undefined || query.reverse === true) return store.find(query)
      const fromKey = query.fromKey !== undefined && query.fromKey > after.key ? query.fromKey : after.key
      return store.find({ ...rest, fromKey })
    }),
    noticedBy: ['going on after the last row of a page gives every row once, by key', 'fromKey is inclusive'],
  },
  {
    wrong: 'going on along an index goes by the value alone',
    damage: withFind(async (store, query) => {
      if (query.after === undefined || query.index === undefined || query.index.equals !== undefined)
        return store.find(query)
      return store.find({ ...query, after: { ...query.after, key: query.reverse === true ? '' : '\u{10ffff}' } })
    }),
    noticedBy: ['going on after the last row of a page gives every row once, along an index'],
  },
  {
    wrong: 'rows without a value are not in an index',
    damage: withFind(async (store, query) => (query.index?.equals === null ? [] : store.find(query))),
    noticedBy: [
      'along an index, `equals` reads only the rows with that value',
      'ensureTable brings the indexes up to the layout',
    ],
  },
  {
    wrong: 'an index compares text without case',
    damage: withFind(async (store, query) => {
      const found = await store.find(query)
      const equals = query.index?.equals
      if (query.index === undefined || typeof equals !== 'string') return found
      const other = equals === equals.toLowerCase() ? equals.toUpperCase() : equals.toLowerCase()
      if (other === equals) return found
      return [...found, ...(await store.find({ ...query, index: { ...query.index, equals: other } }))]
    }),
    noticedBy: ['keys that differ by case, spaces, accents or scripts are different rows'],
  },
  {
    wrong: 'an index takes 1 and true for the same value',
    damage: withFind(async (store, query) => {
      const equals = query.index?.equals
      if (query.index === undefined || (equals !== 1 && equals !== true)) return store.find(query)
      const other = await store.find({ ...query, index: { ...query.index, equals: equals === 1 ? true : 1 } })
      return [...(await store.find(query)), ...other].slice(0, query.limit)
    }),
    noticedBy: ['an index tells 1, true and text apart'],
  },
  {
    wrong: 'of several conditions, the first is enough',
    damage: withFind(async (store, { where, ...query }) =>
      store.find({ ...query, ...(where === undefined ? {} : { where: where.slice(0, 1) }) }),
    ),
    noticedBy: ['`where` reads only the rows that meet every condition'],
  },
  {
    wrong: 'conditions are applied to the page instead of the table',
    damage: withFind(async (store, { where = [], ...query }) => {
      const found = await store.find(query)
      return found.filter(({ json }) => {
        const document = JSON.parse(json) as Readonly<Record<string, ColumnValue>>
        return where.every(({ column, equals }) => (document[column] ?? null) === equals)
      })
    }),
    noticedBy: ['`where` reads only the rows that meet every condition'],
  },
  {
    wrong: 'getMany leaves out what is not there',
    damage: withParts((store) => ({
      getMany: async (table, keys) => (await store.getMany(table, keys)).filter((row) => row !== undefined),
    })),
    noticedBy: ['getMany gives rows in the order of the keys asked for'],
  },
  {
    wrong: 'names are cut after 63 characters',
    damage: withParts((store) => ({
      ensureTable: (layout) => store.ensureTable({ ...layout, name: layout.name.slice(0, 63) }),
      find: (query) => store.find({ ...query, table: query.table.slice(0, 63) }),
      commit: (unit) =>
        store.commit({ ...unit, rows: unit.rows.map((write) => ({ ...write, table: write.table.slice(0, 63) })) }),
    })),
    noticedBy: ['two tables, types or services whose long names differ at the end alone are two'],
  },
  {
    wrong: 'the indexes of a table stay as they were first',
    damage: withParts((store) => ({
      ensureTable: async (layout) => {
        if (!(await store.tableNames()).includes(layout.name)) await store.ensureTable(layout)
      },
    })),
    noticedBy: ['ensureTable brings the indexes up to the layout'],
  },
  {
    wrong: 'a search gives the oldest events first',
    damage: withParts((store) => ({
      searchEventLog: async (search) =>
        [...(await store.searchEventLog({ ...search, limit: 10_000 }))].reverse().slice(0, search.limit),
    })),
    noticedBy: ['events are found by id, correlation', 'a search gives at most the limit, the newest ones'],
  },
  {
    wrong: 'a search looks at one part only',
    damage: withParts((store) => ({
      searchEventLog: ({ key, type, ...search }) =>
        store.searchEventLog(Object.keys(search).length > 1 ? search : ({ key, type, ...search } as never)),
    })),
    noticedBy: ['events are found by id, correlation'],
  },
]
