// Close: a store and an engine that are closed.

import assert from 'node:assert/strict'
import type { Store } from 'tidings/ports'
import { commit, refuses, unitOf } from '../fixtures/expectations.ts'
import { sampleEvent } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Close'

const calls: Readonly<Record<string, (store: Store) => unknown>> = {
  now: (store) => store.now(),
  ensureTable: (store) => store.ensureTable({ name: 'rows', indexes: [] }),
  dropTable: (store) => store.dropTable('rows'),
  tableNames: (store) => store.tableNames(),
  get: (store) => store.get('rows', 'a'),
  getMany: (store) => store.getMany('rows', ['a']),
  find: (store) => store.find({ table: 'rows', limit: 1 }),
  count: (store) => store.count('rows'),
  streamVersion: (store) => store.streamVersion('order', 's'),
  readStream: (store) => store.readStream('order', 's', 0, 1),
  renameCategory: (store) => store.renameCategory('order', 'orders'),
  readFacts: (store) => store.readFacts({ after: '', limit: 1 }),
  readEventLog: (store) => store.readEventLog({ after: '', limit: 1 }),
  searchEventLog: (store) => store.searchEventLog({ limit: 1 }),
  commit: (store) => store.commit(unitOf({})),
  sql: (store) => store.sql('SELECT 1', []),
  tableIdentifier: (store) => store.tableIdentifier('rows'),
}

/** Tests of `close`. */
export const closeTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'waits for commits under way',
    run: async (place) => {
      const store = await place.openStore()
      const events = Array.from({ length: 50 }, (_, index) => sampleEvent(index))
      const commits = events.map((event) => store.commit(unitOf({ events: [event] })))
      let settled = 0
      for (const each of commits) {
        const count = () => {
          settled += 1
        }
        each.then(count, count)
      }
      await store.close()
      assert.equal(settled, 50, 'every commit has its outcome when close has ended')
      const results = await Promise.all(commits)
      assert.ok(results.every(({ committed }) => committed))
      const again = await place.openStore()
      assert.equal((await again.readEventLog({ after: '', limit: 100 })).events.length, 50)
    },
  },
  ...Object.entries(calls).map(([name, call]) => ({
    topic,
    name: `afterwards every call throws CLOSED: ${name}`,
    run: async (place: Parameters<ConformanceTest['run']>[0]) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: [] })
      await store.close()
      await refuses('CLOSED', name, () => call(store))
    },
  })),
  {
    topic,
    name: 'closing twice is no error, also at once',
    run: async (place) => {
      const store = await place.openStore()
      await Promise.all([store.close(), store.close()])
      await store.close()
      await place.openStore()
    },
  },
  {
    topic,
    name: 'a store that was closed has no effect on the one that was opened after it',
    run: async (place) => {
      const old = await place.openStore()
      await old.close()
      const store = await place.openStore()
      await refuses('CLOSED', 'commit', () => old.commit(unitOf({ events: [sampleEvent(1)] })))
      await old.close()
      await commit(store, { events: [sampleEvent(2)] })
      assert.equal((await store.readEventLog({ after: '', limit: 10 })).events.length, 1)
      await refuses('STORE_LOCKED', 'a second writer', () => place.openStore())
    },
  },
  {
    topic,
    name: 'an engine that is closed has closed its stores and opens no more; closing it twice is no error',
    run: async (place) => {
      const engine = await place.openEngine()
      const store = await place.openStore('alpha', engine)
      await commit(store, { events: [sampleEvent(1)] })
      await engine.close()
      await engine.close()
      await refuses('CLOSED', 'openStore', () => engine.openStore('beta'))
      await refuses('CLOSED', 'a store of the engine', () => store.readEventLog({ after: '', limit: 1 }))
      await refuses('CLOSED', 'the broker of the engine', () => engine.broker.read('alpha', { after: '', limit: 1 }))
      const again = await place.openStore('alpha')
      assert.equal((await again.readEventLog({ after: '', limit: 10 })).events.length, 1)
    },
  },
]
