// Hostile names, keys and payloads: stored and returned byte for byte.

import assert from 'node:assert/strict'
import type { Store } from 'tidings/ports'
import { commit } from '../fixtures/expectations.ts'
import { hostileFields, hostileJson, hostileKeys, longNames } from '../fixtures/hostile-input.ts'
import { sampleAppend, sampleEvent, sampleFact, sampleRow } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'
import type { Place } from '../suite/place.ts'

const topic = 'Hostile input'

// A store may remember what it has just written: what it has kept shows when it is opened again.
async function writeAndRead(place: Place, write: (store: Store) => Promise<unknown>, read: (store: Store) => unknown) {
  const store = await place.openStore()
  await write(store)
  await read(store)
  await store.close()
  await read(await place.openStore())
}

/** Tests of names, keys and payloads. */
export const hostileTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'the documents of rows come back byte for byte: NUL, duplicate members, order, numbers, __proto__, a megabyte [trap: payload-changed]',
    run: (place) =>
      writeAndRead(
        place,
        async (store) => {
          await store.ensureTable({ name: 'rows', indexes: [] })
          await commit(store, { rows: hostileJson.map((json, index) => sampleRow('rows', `key-${index}`, [], json)) })
        },
        async (store) => {
          for (const [index, json] of hostileJson.entries())
            assert.equal((await store.get('rows', `key-${index}`))?.json, json)
        },
      ),
  },
  {
    topic,
    name: 'the data of facts come back byte for byte [trap: payload-changed]',
    run: (place) => {
      const facts = hostileJson.map((data, index) => sampleFact(index, { data }))
      return writeAndRead(
        place,
        (store) => commit(store, { appends: [{ category: 'order', stream: 's', expectedVersion: 0, facts }] }),
        async (store) => {
          const stored = await store.readStream('order', 's', 0, 1_000)
          assert.deepEqual(
            stored.map(({ data }) => data),
            hostileJson,
          )
        },
      )
    },
  },
  {
    topic,
    name: 'the data and downcasts of events come back byte for byte [trap: payload-changed]',
    run: (place) => {
      const written = hostileJson.map((data, index) => sampleEvent(index, { data, downcasts: data }))
      return writeAndRead(
        place,
        (store) => commit(store, { events: written }),
        async (store) => {
          const { events } = await store.readEventLog({ after: '', limit: 1_000 })
          assert.deepEqual(
            events.map(({ data }) => data),
            hostileJson,
          )
          assert.deepEqual(
            events.map(({ downcasts }) => downcasts),
            hostileJson,
          )
        },
      )
    },
  },
  {
    topic,
    name: 'keys that differ by case, spaces, accents or scripts are different rows',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: ['value'] })
      await commit(store, { rows: hostileKeys.map((key) => sampleRow('rows', key, [key], JSON.stringify(key))) })
      assert.equal(await store.count('rows'), hostileKeys.length)
      for (const key of hostileKeys) {
        assert.equal((await store.get('rows', key))?.json, JSON.stringify(key))
        const found = await store.find({ table: 'rows', index: { column: 'value', equals: key }, limit: 10 })
        assert.deepEqual(
          found.map((row) => row.key),
          [key],
        )
      }
    },
  },
  {
    topic,
    name: 'ids of streams that differ by case, spaces, accents or scripts are different streams',
    run: async (place) => {
      const store = await place.openStore()
      await commit(store, { appends: hostileKeys.map((key, index) => sampleAppend(key, 0, (index % 3) + 1)) })
      for (const [index, key] of hostileKeys.entries()) {
        assert.equal(await store.streamVersion('order', key), (index % 3) + 1)
        const facts = await store.readStream('order', key, 0, 10)
        assert.deepEqual(new Set(facts.map(({ stream }) => stream)), new Set([key]))
      }
    },
  },
  {
    topic,
    name: 'a category and an id never run together: a + b/c is not a/b + c',
    run: async (place) => {
      const store = await place.openStore()
      const pairs = [
        ['a', 'b/c'],
        ['a', 'b:c'],
        ['a.b', 'c'],
        ['a', 'b.c'],
        ['a-b', 'c'],
        ['a', 'b-c'],
      ] as const
      await commit(store, { appends: pairs.map(([category, id], n) => sampleAppend(id, 0, n + 1, category)) })
      for (const [n, [category, id]] of pairs.entries()) assert.equal(await store.streamVersion(category, id), n + 1)
    },
  },
  {
    topic,
    name: 'two tables, types or services whose long names differ at the end alone are two',
    run: async (place) => {
      const [one = '', two = ''] = longNames
      const store = await place.openStore(one)
      const other = await place.openStore(two)
      assert.notEqual(store.epoch, other.epoch)
      for (const name of [...longNames, `${one}@2`, `${one}@3`]) {
        await store.ensureTable({ name, indexes: ['value'] })
        await commit(store, {
          rows: [sampleRow(name, 'a', [name])],
          events: [sampleEvent(1, { source: one, type: name })],
        })
      }
      for (const name of [...longNames, `${one}@2`, `${one}@3`]) {
        assert.equal((await store.find({ table: name, index: { column: 'value', equals: name }, limit: 9 })).length, 1)
        assert.equal((await store.searchEventLog({ type: name, limit: 9 })).length, 1)
      }
      assert.deepEqual(await other.tableNames(), [])
      assert.deepEqual((await other.readEventLog({ after: '', limit: 9 })).events, [])
    },
  },
  {
    topic,
    name: 'fields with the names of columns, words of SQL or members of every object can be indexed, also later',
    run: async (place) => {
      const store = await place.openStore()
      const document = (value: string) =>
        JSON.stringify(Object.fromEntries(hostileFields.map((f) => [f, `${f}${value}`])))
      const columns = (value: string) => hostileFields.map((field) => `${field}${value}`)
      await store.ensureTable({ name: 'before', indexes: hostileFields })
      await store.ensureTable({ name: 'later', indexes: [] })
      const rows = ['1', '2'].flatMap((value) => [
        sampleRow('before', value, columns(value), document(value)),
        sampleRow('later', value, [], document(value)),
      ])
      await commit(store, {
        rows: [...rows, sampleRow('later', 'bare', [], '{}'), sampleRow('later', 'text', [], '"x"')],
      })
      await store.ensureTable({ name: 'later', indexes: hostileFields })
      for (const column of hostileFields) {
        for (const table of ['before', 'later']) {
          const found = await store.find({ table, index: { column, equals: `${column}2` }, limit: 9 })
          assert.deepEqual(
            found.map(({ key }) => key),
            ['2'],
            `${table} along ${column}`,
          )
        }
        const without = await store.find({ table: 'later', index: { column, equals: null }, limit: 9 })
        assert.deepEqual(
          without.map(({ key }) => key),
          ['bare', 'text'],
        )
      }
    },
  },
]
