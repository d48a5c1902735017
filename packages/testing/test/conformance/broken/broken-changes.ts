// Stores that many write, and that note the changes of rows wrongly.

import type { CommitUnit, RowChangesPage, RowChangesRequest, Store } from 'tidings/ports'
import type { Damage, Mutation } from './break-driver.ts'

const everyChange = 'a change is noted whoever commits it, deletions too, and no other table’s'
const oneByOne = 'a reader misses no change and sees none twice while all write'
const lastOnes = 'the last changes are kept; a reader that is too far behind is told so'
const large = 'of a commit with more changes than are kept, a reader is told that it has missed it'

/** The store, whose pages of changes are spoiled. */
function spoiled(spoil: (page: RowChangesPage, request: RowChangesRequest) => RowChangesPage): () => Damage {
  return () => ({
    store: (store) => ({
      ...store,
      readChanges: async (request) => spoil(await pageOf(store, request), request),
    }),
  })
}

async function pageOf(store: Store, request: RowChangesRequest): Promise<RowChangesPage> {
  return (await store.readChanges?.(request)) ?? { changes: [], next: 0, isComplete: true }
}

const broken: readonly Omit<Mutation, 'writers'>[] = [
  {
    wrong: 'deletions are not noted',
    damage: () => {
      const deleted = new Set<string>()
      return {
        store: (store) => ({
          ...store,
          commit: async (unit: CommitUnit) => {
            const result = await store.commit(unit)
            if (result.committed)
              for (const { key, row } of unit.rows) if (row === null) deleted.add(`${result.revision}/${key}`)
            return result
          },
          readChanges: async (request) => {
            const page = await pageOf(store, request)
            return { ...page, changes: page.changes.filter(({ revision, key }) => !deleted.has(`${revision}/${key}`)) }
          },
        }),
      }
    },
    noticedBy: [everyChange],
  },
  {
    wrong: 'a writer hears only of what it has committed itself',
    damage: () => ({
      store: (store) => {
        const own = new Set<number>()
        return {
          ...store,
          commit: async (unit: CommitUnit) => {
            const result = await store.commit(unit)
            if (result.committed) own.add(result.revision)
            return result
          },
          readChanges: async (request) => {
            const page = await pageOf(store, request)
            return { ...page, changes: page.changes.filter(({ revision }) => own.has(revision)) }
          },
        }
      },
    }),
    noticedBy: [everyChange, oneByOne],
  },
  {
    wrong: 'every table is noted',
    damage: () => ({
      store: (store) => ({
        ...store,
        ensureTable: async (layout) => {
          await store.ensureTable(layout)
          await store.noteChanges?.({ tables: [layout.name], countMax: 1_000 })
        },
      }),
    }),
    noticedBy: [everyChange, 'tables that were named before stay noted, until they are dropped'],
  },
  {
    wrong: 'each writer has its own tables that it notes',
    damage: () => ({
      store: (store) => {
        const own = new Set<string>()
        return {
          ...store,
          noteChanges: async (toNote) => {
            for (const table of toNote.tables) own.add(table)
            await store.noteChanges?.(toNote)
          },
          readChanges: async (request) => {
            const page = await pageOf(store, request)
            return { ...page, changes: page.changes.filter(({ table }) => own.has(table)) }
          },
        }
      },
    }),
    noticedBy: ['tables that were named before stay noted, until they are dropped'],
  },
  {
    wrong: 'what did not get committed is noted',
    damage: () => {
      const tried: string[] = []
      return {
        store: (store) => ({
          ...store,
          commit: async (unit: CommitUnit) => {
            const result = await store.commit(unit)
            if (!result.committed) tried.push(...unit.rows.map(({ key }) => key))
            return result
          },
          readChanges: async (request) => {
            const page = await pageOf(store, request)
            return {
              ...page,
              changes: [...page.changes, ...tried.map((key) => ({ revision: page.next, table: 'rows', key }))],
            }
          },
        }),
      }
    },
    noticedBy: ['a commit that fails is not noted'],
  },
  {
    wrong: 'a page ends in the middle of a commit',
    damage: spoiled((page, { limit }) => {
      const changes = page.changes.slice(0, limit)
      return { ...page, changes, next: changes.at(-1)?.revision ?? page.next }
    }),
    noticedBy: ['the changes of a commit stay on one page', oneByOne],
  },
  {
    wrong: 'a page that is cut off claims to reach the end',
    damage: () => ({
      store: (store) => ({
        ...store,
        readChanges: async (request) => {
          const { next } = await pageOf(store, { after: undefined, limit: 1 })
          return { ...(await pageOf(store, request)), next }
        },
      }),
    }),
    noticedBy: ['the changes of a commit stay on one page', oneByOne],
  },
  {
    wrong: 'a page begins with the change after which it was asked to read',
    damage: () => ({
      store: (store) => ({
        ...store,
        readChanges: (request) =>
          pageOf(store, request.after === undefined ? request : { ...request, after: request.after - 1 }),
      }),
    }),
    noticedBy: [oneByOne],
  },
  {
    wrong: 'the newest changes come first',
    damage: spoiled((page) => ({ ...page, changes: page.changes.toReversed() })),
    noticedBy: [everyChange, oneByOne],
  },
  {
    wrong: 'a reader that is too far behind is not told so',
    damage: spoiled((page) => ({ ...page, isComplete: true })),
    noticedBy: [lastOnes, large],
  },
  {
    wrong: 'changes are kept for ever',
    damage: () => ({
      store: (store) => ({
        ...store,
        noteChanges: async (toNote) => store.noteChanges?.({ ...toNote, countMax: 1_000_000 }),
      }),
    }),
    noticedBy: [lastOnes, large],
  },
  {
    wrong: 'fewer changes are kept than were asked for',
    damage: () => ({
      store: (store) => ({
        ...store,
        noteChanges: async (toNote) => store.noteChanges?.({ ...toNote, countMax: 2 }),
      }),
    }),
    noticedBy: [lastOnes],
  },
  {
    wrong: 'noting begins after the next commit',
    damage: () => {
      const waiting: (() => unknown)[] = []
      return {
        store: (store) => ({
          ...store,
          noteChanges: (toNote) => {
            waiting.push(() => store.noteChanges?.(toNote))
          },
          commit: async (unit: CommitUnit) => {
            const named = waiting.splice(0)
            const result = await store.commit(unit)
            for (const begin of named) await begin()
            return result
          },
        }),
      }
    },
    noticedBy: [everyChange, 'what a reader has not read when its noting began, it reads in the table'],
  },
  {
    wrong: 'many may write, and none notes anything',
    damage: () => ({
      store: ({ noteChanges: _, readChanges: __, ...store }) => store,
    }),
    noticedBy: [everyChange],
  },
]

/** Every way in which changes are noted wrongly. */
export const brokenChanges: readonly Mutation[] = [
  ...broken.map((each) => ({ ...each, writers: 'many' as const })),
  {
    wrong: 'a store with one writer notes changes',
    damage: () => ({
      store: (store) => ({
        ...store,
        noteChanges: () => {},
        readChanges: () => ({ changes: [], next: 0, isComplete: true }),
      }),
    }),
    noticedBy: [everyChange],
  },
]
