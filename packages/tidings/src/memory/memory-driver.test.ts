// What the in-memory driver can do beyond the ports: a test can kill and delete its stores.
// (The conformance suites in packages/testing test the guarantees of the ports.)

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Driver, Store } from '../ports/index.ts'
import { compareText } from '../ports/index.ts'
import { createManualClock } from './manual-clock.ts'
import { createManualTimeouts } from './manual-timeouts.ts'
import { memoryDriver } from './memory-driver.ts'
import { createSeededRandom } from './seeded-random.ts'
import { createSequentialIds } from './sequential-ids.ts'
import { SortedList } from './sorted-list.ts'

const ids = createSequentialIds()
const clock = createManualClock()
const open = (driver: Driver) =>
  driver.open({ clock, ids, timeouts: createManualTimeouts(clock), random: createSeededRandom(1), log: () => {} })

async function put(store: Store, key: string): Promise<void> {
  await store.ensureTable({ name: 'rows', indexes: [] })
  const rows = [{ table: 'rows', key, row: { schemaVersion: 1, json: '1', columns: [] } }]
  await store.commit({ checks: [], rows, appends: [], events: [] })
}

describe('crash', () => {
  test('releases the lock, keeps committed data, and makes later writes of the old writer fail', async () => {
    const driver = memoryDriver()
    const old = await (await open(driver)).openStore('alpha')
    await put(old, 'a')
    driver.crash('alpha')
    const store = await (await open(driver)).openStore('alpha')
    expect(store.epoch).toBe(old.epoch)
    expect(await store.count('rows')).toBe(1)
    await expect(put(old, 'b')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await old.close()
    await put(store, 'c')
    expect(await store.count('rows')).toBe(2)
  })

  test('of a store that is not open does nothing', () => {
    memoryDriver().crash('alpha')
  })
})

describe('remove', () => {
  test('refuses an open store; afterwards the store cannot be backed up, but its backups can be restored', async () => {
    const driver = memoryDriver()
    const engine = await open(driver)
    const store = await engine.openStore('alpha')
    await put(store, 'a')
    await driver.backups.backUp({ service: 'alpha', toFile: 'kept' })
    expect(() => driver.remove('alpha')).toThrow(expect.objectContaining({ code: 'STORE_LOCKED' }))
    await store.close()
    driver.remove('alpha')
    expect(() => driver.backups.backUp({ service: 'alpha', toFile: 'more' })).toThrow(/no store of alpha/)
    await driver.backups.restore({ service: 'alpha', fromFile: 'kept', ids })
    expect(await (await engine.openStore('alpha')).count('rows')).toBe(1)
  })

  test('two drivers share nothing', async () => {
    const [one, two] = [memoryDriver(), memoryDriver()]
    await put(await (await open(one)).openStore('alpha'), 'a')
    expect(await (await (await open(two)).openStore('alpha')).tableNames()).toEqual([])
  })
})

describe('order', () => {
  test('texts compare like their UTF-8 bytes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 6 }).filter((each) => each.isWellFormed())
    const bytesOf = (each: string) => new TextEncoder().encode(each)
    const byBytes = (a: Uint8Array, b: Uint8Array) => {
      const index = a.findIndex((byte, i) => byte !== b[i])
      return index < 0 ? a.length - b.length : (a[index] ?? 0) - (b[index] ?? -1)
    }
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Math.sign(byBytes(bytesOf(a), bytesOf(b))))
      }),
    )
  })

  test('a sorted list has the same items as a sorted array after any insertions and removals', () => {
    const step = fc.record({ insert: fc.boolean(), value: fc.integer({ min: 0, max: 30 }) })
    fc.assert(
      fc.property(fc.array(step), fc.nat(30), fc.nat(30), fc.nat(5), (steps, from, to, limit) => {
        const list = new SortedList<number>((a, b) => a - b)
        const model = new Set<number>()
        for (const { insert, value } of steps) {
          if (!insert) list.remove(value)
          else if (!model.has(value)) list.insert(value)
          if (insert) model.add(value)
          else model.delete(value)
        }
        const wanted = [...model].sort((a, b) => a - b).filter((value) => value >= from && value < to)
        const place = (value: number) => (value < from ? -1 : value >= to ? 1 : 0)
        expect(list.size).toBe(model.size)
        if (from > to) return
        expect(list.range(place, false, limit, () => true)).toEqual(wanted.slice(0, limit))
        expect(list.range(place, true, limit, () => true)).toEqual(wanted.reverse().slice(0, limit))
      }),
    )
  })
})
