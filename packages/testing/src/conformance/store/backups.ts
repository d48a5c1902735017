// Backups, if a driver has them: one moment of a store, restored whole and under a new epoch. A driver without them refuses.

import assert from 'node:assert/strict'
import { createSequentialIds } from 'tidings/memory'
import { backupsOf, type Store } from 'tidings/ports'
import { commit, everythingOf, refuses } from '../fixtures/expectations.ts'
import { numberOf, sampleAppend, sampleEvent, sampleEvents, sampleRow } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'
import type { Place } from '../suite/place.ts'

const topic = 'Backups'

/** The backups of the driver, with files of this test alone. */
function backupsIn({ underTest }: Place) {
  const backups = backupsOf(underTest.driver)
  const ids = createSequentialIds('restored')
  const newFile = (name: string): string => {
    assert.ok(underTest.backupFile !== undefined, 'a driver with backups is tested with `backupFile`')
    return underTest.backupFile(name)
  }
  return {
    newFile,
    backUp: async (service: string, toFile = newFile(service)) => {
      await backups.backUp({ service, toFile })
      return toFile
    },
    restore: async (service: string, fromFile: string) => backups.restore({ service, fromFile, ids }),
    check: async (service: string) => backups.check({ service }),
  }
}

type Backups = ReturnType<typeof backupsIn>

/** A test of what a driver with backups does; one without must refuse with `BACKUP_UNSUPPORTED`. */
function backupTest(name: string, run: (place: Place, backups: Backups) => Promise<void>): ConformanceTest {
  return {
    topic,
    name: `${name}; BACKUP_UNSUPPORTED if backup is false`,
    run: async (place) => {
      if (place.capabilities.backup) return run(place, backupsIn(place))
      await refuses('BACKUP_UNSUPPORTED', 'backupsOf', () => backupsOf(place.underTest.driver))
    },
  }
}

/** Commits a row, a fact and an event that belong together. */
async function commitNumber(store: Store, number: number) {
  const rows = [sampleRow('rows', `row-${number}`)]
  return commit(store, { rows, appends: [sampleAppend('s', number - 1)], events: [sampleEvent(number)] })
}

async function openWith(place: Place, count: number, service = 'alpha'): Promise<Store> {
  const store = await place.openStore(service)
  await store.ensureTable({ name: 'rows', indexes: [] })
  for (let number = 1; number <= count; number++) await commitNumber(store, number)
  return store
}

const everythingIn = (store: Store) => everythingOf(store, ['rows'], [['order', 's']])

/** Tests of `backups`, and of what a driver claims about them. */
export const backupTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'a driver has backups exactly if it claims them',
    run: async ({ underTest, capabilities }) => {
      assert.equal(underTest.driver.backups !== undefined, capabilities.backup)
    },
  },
  backupTest(
    'Atomicity: a backup of a store that is written is one moment of it, whole units only',
    async (place, backups) => {
      const store = await openWith(place, 2)
      const commits = [3, 4, 5].map((number) => commitNumber(store, number))
      const [file] = await Promise.all([backups.backUp('alpha'), ...commits])
      await store.close()
      await backups.restore('alpha', file)
      const { rows, versions, facts, log } = await everythingIn(await place.openStore())
      const numbers = log.events.map(numberOf)
      assert.ok(numbers.length >= 2, 'what was committed before is in the backup')
      assert.deepEqual(numbers, [1, 2, 3, 4, 5].slice(0, numbers.length))
      assert.deepEqual(
        [(rows.rows as unknown[]).length, facts.length, versions],
        [numbers.length, numbers.length, [numbers.length]],
      )
    },
  ),
  backupTest('Concurrency: what is committed after a backup is not in it', async (place, backups) => {
    const store = await openWith(place, 2)
    const file = await backups.backUp('alpha')
    await commitNumber(store, 3)
    await store.close()
    await backups.restore('alpha', file)
    const { log } = await everythingIn(await place.openStore())
    assert.deepEqual(log.events.map(numberOf), [1, 2])
  }),
  backupTest(
    'Concurrency: a restore of an open store is refused with STORE_LOCKED, and its writer continues',
    async (place, backups) => {
      const store = await openWith(place, 1)
      const file = await backups.backUp('alpha')
      await commitNumber(store, 2)
      await refuses('STORE_LOCKED', 'restore', () => backups.restore('alpha', file))
      await commitNumber(store, 3)
      assert.deepEqual((await store.readEventLog({ after: '', limit: 10 })).events.map(numberOf), [1, 2, 3])
    },
  ),
  backupTest(
    'Idempotence: each restore of a backup begins a new epoch and names the earlier ones',
    async (place, backups) => {
      const first = await openWith(place, 2)
      const { head: upTo } = await first.readEventLog({ after: '', limit: 1 })
      const file = await backups.backUp('alpha')
      const before = await everythingIn(first)
      await first.close()
      const epochs = [first.epoch]
      for (const _restore of ['once', 'again']) {
        await backups.restore('alpha', file)
        const restored = await place.openStore()
        assert.ok(!epochs.includes(restored.epoch), 'the epoch is new')
        assert.deepEqual(
          restored.earlierEpochs.map((each) => ({ ...each })),
          epochs.map((epoch) => ({ epoch, upTo })),
        )
        const after = await everythingIn(restored)
        assert.deepEqual({ ...after, log: { ...after.log, epoch: first.epoch } }, before)
        await commit(restored, { events: sampleEvents(2, {}, 7) })
        await restored.close()
        epochs.push(restored.epoch)
      }
    },
  ),
  backupTest('a store that is not there any more is restored', async (place, backups) => {
    const store = await openWith(place, 2)
    const file = await backups.backUp('alpha')
    await store.close()
    await place.underTest.remove('alpha')
    await backups.restore('alpha', file)
    const restored = await place.openStore()
    assert.notEqual(restored.epoch, store.epoch)
    assert.deepEqual((await restored.readEventLog({ after: '', limit: 10 })).events.map(numberOf), [1, 2])
  }),
  backupTest(
    'Damage: a check reads all of an open store, and finds none where there is none',
    async (place, backups) => {
      await openWith(place, 3)
      const { eventCount, factCount, damages } = await backups.check('alpha')
      assert.deepEqual({ eventCount, factCount, damages }, { eventCount: 3, factCount: 3, damages: [] })
      await refuses('CONFIG_INVALID', 'a store that does not exist', () => backups.check('beta'))
    },
  ),
  backupTest(
    'Failure: a backup to a file that exists, or of a store that does not, is refused and changes nothing',
    async (place, backups) => {
      const store = await openWith(place, 1)
      const file = await backups.backUp('alpha')
      await commitNumber(store, 2)
      await refuses('CONFIG_INVALID', 'a file that exists', () => backups.backUp('alpha', file))
      await refuses('CONFIG_INVALID', 'a store that does not exist', () => backups.backUp('beta'))
      await store.close()
      await backups.restore('alpha', file)
      const { log } = await everythingIn(await place.openStore())
      assert.deepEqual(log.events.map(numberOf), [1])
    },
  ),
  backupTest(
    'Failure: a restore from a file that does not exist, or of another service, is refused and changes nothing',
    async (place, backups) => {
      const [alpha, beta] = [await openWith(place, 2), await openWith(place, 1, 'beta')]
      const before = await everythingIn(alpha)
      const file = await backups.backUp('beta')
      for (const each of [alpha, beta]) await each.close()
      await refuses('CONFIG_INVALID', 'a file that does not exist', () =>
        backups.restore('alpha', backups.newFile('none')),
      )
      await refuses('CORRUPT_DATA', 'the store of another service', () => backups.restore('alpha', file))
      const after = await place.openStore()
      assert.deepEqual([after.epoch, after.earlierEpochs], [alpha.epoch, []])
      assert.deepEqual(await everythingIn(after), before)
    },
  ),
]
