// The changes that a store notes for those who share it: every one of a table that is noted, whole commits in their order, never more than asked for
// without saying so. A store with one writer notes none.

import assert from 'node:assert/strict'
import type { RowChange, Store } from 'tidings/ports'
import { commit, conflicts } from '../fixtures/expectations.ts'
import { firstOfThree } from '../fixtures/many-writers.ts'
import { sampleEvent, sampleRow } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'
import type { Place } from '../suite/place.ts'

/** A store that notes changes. */
type NotingStore = Store & Required<Pick<Store, 'noteChanges' | 'readChanges'>>

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

const many = { limit: 10_000 } as const

/** A test of a store with many writers, three of which have it open; one with one writer has nothing to note. */
function noted(name: string, run: (writers: readonly [NotingStore, NotingStore, NotingStore]) => Promise<void>) {
  return {
    topic: 'Changes',
    name: `${name}; nothing is noted if a store has one writer`,
    run: async (place: Place) => {
      const { first, openOthers } = await firstOfThree(place)
      if (place.capabilities.writers === 'many') {
        const [a, b, c] = await openOthers()
        return run([noting(a), noting(b), noting(c)])
      }
      assert.equal(first.noteChanges, undefined, 'a store with one writer has no noteChanges')
      assert.equal(first.readChanges, undefined, 'a store with one writer has no readChanges')
    },
  }
}

function noting(store: Store): NotingStore {
  assert.ok(
    store.noteChanges !== undefined && store.readChanges !== undefined,
    'a store with many writers notes changes',
  )
  return store as NotingStore
}

async function headOf(store: NotingStore): Promise<number> {
  return (await store.readChanges({ after: undefined, limit: 1 })).next
}

/** Follows the changes after a revision while `write` runs, and to their end. */
async function followChanges(store: NotingStore, from: number, limit: number, write: () => Promise<void>) {
  const pages: (readonly RowChange[])[] = []
  let isDone = false
  const follow = async () => {
    for (let after = from, turn = 0; turn < 10_000; turn++) {
      const isLast = isDone
      const { changes, next, isComplete } = await store.readChanges({ after, limit })
      assert.ok(isComplete, 'nothing is forgotten yet')
      assert.ok(next >= after, 'a page does not go back')
      pages.push(changes)
      after = next
      if (isLast && changes.length === 0) return
      if (changes.length === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const following = follow()
  following.catch(() => undefined)
  await write()
  isDone = true
  await following
  return pages
}

/** Tests of the changes that several writers note for one another. */
export const changeTests: readonly ConformanceTest[] = [
  noted('a change is noted whoever commits it, deletions too, and no other table’s', async ([first, second, third]) => {
    await first.ensureTable({ name: 'others', indexes: [] })
    await commit(first, { rows: [sampleRow('rows', 'before')] })
    await second.noteChanges({ tables: ['rows'], countMax: 100 })
    const after = await headOf(second)
    const revisions: number[] = []
    for (const [index, store] of [first, second, third].entries())
      revisions.push((await commit(store, { rows: [sampleRow('rows', `k-${index}`)] })).revision)
    await commit(first, { rows: [sampleRow('others', 'a')] })
    revisions.push((await commit(third, { rows: [{ table: 'rows', key: 'k-0', row: null }] })).revision)
    await commit(first, { events: [sampleEvent(1)] })
    const expected = ['k-0', 'k-1', 'k-2', 'k-0'].map((key, index) => ({
      revision: revisions[index],
      table: 'rows',
      key,
    }))
    for (const store of [first, second, third]) {
      const { changes, next, isComplete } = await store.readChanges({ after, ...many })
      assert.deepEqual(changes, expected)
      assert.ok(isComplete && next >= (revisions[3] as number))
      assert.deepEqual((await store.readChanges({ after: next, ...many })).changes, [])
    }
  }),
  noted('a commit that fails is not noted', async ([first, second]) => {
    await first.noteChanges({ tables: ['rows'], countMax: 100 })
    const after = await headOf(first)
    const checks = [{ table: 'rows', key: 'a', revision: 7 }]
    await conflicts(second, { checks, rows: [sampleRow('rows', 'a')] })
    assert.deepEqual((await first.readChanges({ after, ...many })).changes, [])
  }),
  noted('tables that were named before stay noted, until they are dropped', async ([first, second, third]) => {
    await first.ensureTable({ name: 'others', indexes: [] })
    await first.noteChanges({ tables: ['rows'], countMax: 100 })
    await second.noteChanges({ tables: ['others'], countMax: 100 })
    const after = await headOf(third)
    await commit(third, { rows: [sampleRow('rows', 'a'), sampleRow('others', 'b')] })
    await third.dropTable('others')
    await third.ensureTable({ name: 'others', indexes: [] })
    await commit(third, { rows: [sampleRow('others', 'c')] })
    const { changes } = await first.readChanges({ after, ...many })
    assert.deepEqual(changes.map(({ table, key }) => `${table}/${key}`).sort(), ['others/b', 'rows/a'])
  }),
  noted('the changes of a commit stay on one page', async ([first, second]) => {
    await first.noteChanges({ tables: ['rows'], countMax: 1_000 })
    let after = await headOf(first)
    const commits = [3, 1, 12, 2]
    for (const [number, count] of commits.entries())
      await commit(second, { rows: upTo(count).map((n) => sampleRow('rows', `k-${number}-${n}`)) })
    const counts: number[][] = []
    for (let turn = 0; turn < 10; turn++) {
      const page = await first.readChanges({ after, limit: 4 })
      if (page.changes.length === 0) break
      counts.push([...Map.groupBy(page.changes, ({ revision }) => revision).values()].map(({ length }) => length))
      after = page.next
    }
    assert.deepEqual(counts.flat(), commits)
    assert.ok(counts.length > 1, 'a page has little more than its limit')
  }),
  noted('a reader misses no change and sees none twice while all write', async (writers) => {
    await writers[0].noteChanges({ tables: ['rows'], countMax: 10_000 })
    const from = await headOf(writers[2])
    const pages = await followChanges(writers[2], from, 7, async () => {
      for (const round of upTo(10)) {
        const commits = upTo(12).map((n) => {
          const store = writers[n % writers.length] as Store
          return commit(store, { rows: upTo(3).map((part) => sampleRow('rows', `${round}/${n}/${part}`)) })
        })
        await Promise.all(commits)
      }
    })
    const changes = pages.flat()
    assert.equal(new Set(changes.map(({ key }) => key)).size, 360)
    assert.equal(changes.length, 360)
    const revisions = changes.map(({ revision }) => revision)
    assert.deepEqual(
      revisions,
      [...revisions].sort((a, b) => a - b),
    )
    for (const page of pages)
      for (const part of Map.groupBy(page, ({ revision }) => revision).values()) assert.equal(part.length, 3)
  }),
  noted('what a reader has not read when its noting began, it reads in the table', async ([first, second]) => {
    const write = (n: number) => commit(first, { rows: [sampleRow('rows', `k-${n}`)] })
    const writing = upTo(40).map(write)
    await second.noteChanges({ tables: ['rows'], countMax: 1_000 })
    const after = await headOf(second)
    const rows = await second.find({ table: 'rows', limit: 1_000 })
    await Promise.all([...writing, write(41)])
    const { changes } = await second.readChanges({ after, ...many })
    const known = new Set([...rows, ...changes].map(({ key }) => key))
    assert.equal(known.size, 41)
  }),
  noted('the last changes are kept; a reader that is too far behind is told so', async ([first, second]) => {
    await first.noteChanges({ tables: ['rows'], countMax: 10 })
    const after = await headOf(first)
    const revisions: number[] = []
    for (const n of upTo(50)) revisions.push((await commit(second, { rows: [sampleRow('rows', `k-${n}`)] })).revision)
    const missed = await first.readChanges({ after, ...many })
    assert.ok(!missed.isComplete && missed.changes.length === 0 && missed.next >= (revisions[49] as number))
    const last = await first.readChanges({ after: revisions[39] as number, ...many })
    assert.ok(last.isComplete, 'the last ten are kept')
    assert.deepEqual(
      last.changes.map(({ key }) => key),
      upTo(10).map((n) => `k-${n + 40}`),
    )
    assert.ok(
      !(await first.readChanges({ after: revisions[28] as number, ...many })).isComplete,
      'at most twice as many',
    )
  }),
  noted(
    'of a commit with more changes than are kept, a reader is told that it has missed it',
    async ([first, second]) => {
      await first.noteChanges({ tables: ['rows'], countMax: 10 })
      const after = await headOf(first)
      await commit(second, { rows: upTo(30).map((n) => sampleRow('rows', `k-${n}`)) })
      const { revision } = await commit(second, { rows: [sampleRow('rows', 'last')] })
      assert.equal((await first.readChanges({ after, ...many })).isComplete, false)
      assert.equal((await first.readChanges({ after: revision - 1, ...many })).changes.length, 1)
    },
  ),
]
