// Stores that claim many writers, and do not let them share.

import { type LoggedEvent, TidingsError } from 'tidings'
import type { CommitUnit, Store, StoredRow } from 'tidings/ports'
import type { Mutation } from './break-driver.ts'

const many = { writers: 'many' } as const

/** Wraps each store but the first that is opened. */
function later(wrap: (store: Store, first: Store) => Store): () => { store: (store: Store) => Store } {
  return () => {
    let first: Store | undefined
    return {
      store: (store) => {
        if (first === undefined) {
          first = store
          return store
        }
        return wrap(store, first)
      },
    }
  }
}

/** Every way in which the sharing of a store is broken. */
export const brokenWriters: readonly Mutation[] = [
  {
    ...many,
    wrong: 'a second writer is refused',
    damage: () => {
      let isOpen = false
      return {
        openStore: (engine, service) => {
          if (isOpen) throw new TidingsError('STORE_LOCKED', 'The store is open already.')
          isOpen = true
          return engine.openStore(service)
        },
      }
    },
    noticedBy: ['what one writer has committed, every other one reads'],
  },
  {
    ...many,
    wrong: 'a writer reads rows from a cache that others do not change',
    damage: later((store) => {
      const cached = new Map<string, StoredRow | undefined>()
      return {
        ...store,
        get: async (table, key) => {
          const name = `${table}/${key}`
          if (!cached.has(name)) cached.set(name, await store.get(table, key))
          return cached.get(name)
        },
      }
    }),
    noticedBy: ['of commits through all writers that check the same row, no update is lost'],
  },
  {
    ...many,
    wrong: 'a writer checks rows, but nobody else’s',
    damage: later((store) => ({ ...store, commit: (unit: CommitUnit) => store.commit({ ...unit, checks: [] }) })),
    noticedBy: ['of commits through all writers that check the same row, no update is lost'],
  },
  {
    ...many,
    wrong: 'a writer appends at the version that it finds, whatever was expected',
    damage: later((store) => ({
      ...store,
      commit: async (unit: CommitUnit) => {
        const appends = []
        for (const append of unit.appends)
          appends.push({ ...append, expectedVersion: await store.streamVersion(append.category, append.stream) })
        return store.commit({ ...unit, appends })
      },
    })),
    noticedBy: ['of appends through all writers that expect the same version, one succeeds'],
  },
  {
    ...many,
    wrong: 'a reader skips what others commit while it reads',
    damage: later((store) => {
      let known = ''
      return {
        ...store,
        readEventLog: async (request) => {
          const page = await store.readEventLog(request)
          const skipped = page.events.length > 0 && request.after !== '' && request.after < known
          known = page.head
          return skipped ? { ...page, events: page.events.slice(1) } : page
        },
      }
    }),
    noticedBy: ['positions are given once and in the order of commit, for all who write and read'],
  },
  {
    ...many,
    wrong: 'a writer that closes ends the store for all',
    damage: () => {
      const open: Store[] = []
      return {
        store: (store) => {
          open.push(store)
          return {
            ...store,
            close: async () => {
              for (const each of open) await each.close()
            },
          }
        },
      }
    },
    noticedBy: ['a writer that closes leaves the others alone, and may open the store again'],
  },
  {
    ...many,
    wrong: 'tables that two create at once are an error',
    damage: () => {
      const creating = new Set<string>()
      return {
        store: (store) => ({
          ...store,
          ensureTable: async (layout) => {
            if (creating.has(layout.name)) throw new TidingsError('CONFLICT', 'The table is being created.')
            creating.add(layout.name)
            await new Promise((resolve) => setImmediate(resolve))
            await store.ensureTable(layout)
            creating.delete(layout.name)
          },
        }),
      }
    },
    noticedBy: ['tables that all writers create at once are created once'],
  },
  {
    ...many,
    wrong: 'events and facts keep the time that each writer gave them',
    damage: () => {
      const given = new Map<string, number>()
      return {
        store: (store) => ({
          ...store,
          commit: (unit: CommitUnit) => {
            for (const { id, recordedAt } of unit.events) given.set(id, recordedAt)
            return store.commit(unit)
          },
          readEventLog: async (request) => {
            const page = await store.readEventLog(request)
            const asGiven = (event: LoggedEvent) => ({ ...event, recordedAt: given.get(event.id) ?? event.recordedAt })
            return { ...page, events: page.events.map(asGiven) }
          },
        }),
      }
    },
    noticedBy: [
      'recordedAt never falls along positions: what is lower is raised to that of the position before, and nothing else',
    ],
  },
  {
    ...many,
    wrong: 'the last time of a store is that of each fact in it',
    damage: () => {
      let last = 0
      return {
        store: (store) => ({
          ...store,
          commit: (unit: CommitUnit) => {
            for (const { facts } of unit.appends) for (const { recordedAt } of facts) last = Math.max(last, recordedAt)
            return store.commit(unit)
          },
          readFacts: async (request) => {
            const page = await store.readFacts(request)
            return { ...page, facts: page.facts.map((fact) => ({ ...fact, recordedAt: last })) }
          },
        }),
      }
    },
    noticedBy: [
      'recordedAt never falls along positions: what is lower is raised to that of the position before, and nothing else',
    ],
  },
  {
    ...many,
    wrong: 'each writer has the clock of its own machine',
    damage: () => ({
      openStore: async (engine, service, { clock }) => {
        const store = await engine.openStore(service)
        return { ...store, now: () => clock.now() }
      },
    }),
    noticedBy: ['all writers have one clock, however wrong their own are'],
  },
]
