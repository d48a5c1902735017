// The index of an event log by key, type, id, conversation and cause: what it finds, what it does not have to look at, and what was logged without it.

import { DatabaseSync } from 'node:sqlite'
import type { EventRecord } from 'tidings'
import type { EventLogSearch, Store } from 'tidings/ports'
import { expect, onTestFinished, test } from 'vitest'
import { sqliteDriver } from '../src/index.ts'
import { event, publish, unit } from './processes/units.ts'
import { temporaryFolder, testEnvironment } from './test-engine.ts'

const blockCount = 16_384

/** Opens a store whose timers run when a test says so, and which counts how often a search lets others run. */
async function openObserved(directory: string) {
  const environment = testEnvironment()
  const due: (() => void)[] = []
  const seen = { soon: 0 }
  const timeouts = {
    after: (_delay: number, run: () => void) => {
      due.push(run)
      return () => due.splice(0)
    },
    soon: (run: () => void) => {
      seen.soon += 1
      environment.timeouts.soon(run)
    },
  }
  const driver = sqliteDriver({ directory, durability: 'process-crash' })
  const engine = await driver.open({ ...environment, timeouts })
  onTestFinished(() => engine.close())
  const store = await engine.openStore('orders')
  /** Runs the step that is due; false if there is none. */
  const rest = () => {
    const run = due.shift()
    run?.()
    return run !== undefined
  }
  return { store, rest, seen, close: () => engine.close() }
}

const keyOf = (number: number) => (number % 7_000 === 3 ? 'rare' : `key-${(number * 7919) % 5_000}`)
const typeOf = (number: number) => (number % 9_000 === 5 ? 'shop.rare' : number % 3 === 0 ? 'shop.third' : 'shop.other')
const talkOf = (number: number) => `talk-${number % 11_000 < 5 ? 'long' : Math.floor(number / 3)}`
const causeOf = (number: number) => (number % 3 === 0 ? talkOf(number) : `e-${number - 1}`)
const partsOf = (number: number) => ({
  key: keyOf(number),
  type: typeOf(number),
  correlationId: talkOf(number),
  causationId: causeOf(number),
})
const numbered = (number: number): EventRecord => event(`e-${number}`, partsOf(number))

async function logEvents(store: Store, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += 1_000) {
    const numbers = Array.from({ length: Math.min(1_000, to - first) }, (_, index) => first + index)
    await store.commit(publish(...numbers.map(numbered)))
  }
}

/** Logs events as a build without the index does. */
function logWithoutIndex(directory: string, from: number, to: number): void {
  const database = new DatabaseSync(`${directory}/orders.db`)
  const insert = database.prepare(`INSERT INTO tidings_log (position, id, type, key, data, version, readable_from,
    occurred_at, recorded_at, correlation_id, causation_id, caused_by) VALUES (?, ?, ?, ?, '{}', 1, 1, 1, 1, ?, ?, 'c')`)
  database.exec('BEGIN')
  for (let number = from; number < to; number++) {
    const { type, key, correlationId, causationId } = partsOf(number)
    insert.run(number + 1, `e-${number}`, type, key, correlationId, causationId)
  }
  database.exec('COMMIT')
  database.close()
}

const searches: readonly Partial<EventLogSearch>[] = [
  { key: 'rare' },
  { type: 'shop.rare' },
  { type: 'shop.third', limit: 7 },
  { type: 'shop.third', key: 'rare' },
  { type: 'shop.rare', key: 'rare' },
  { key: 'key-0' },
  { key: 'key-4321', type: 'shop.other' },
  { key: 'key-4321', limit: 2 },
  { key: 'nobody' },
  { type: 'nobody' },
  { key: 'key-1', type: 'nobody' },
  { id: 'e-3' },
  { id: 'e-16383' },
  { id: 'e-16384' },
  { id: 'e-39999' },
  { id: 'nobody' },
  { id: 'talk-7' },
  { correlationId: 'talk-long' },
  { correlationId: 'talk-long', limit: 4 },
  { correlationId: 'talk-long', type: 'shop.third' },
  { correlationId: 'talk-5461' },
  { causationId: 'talk-long' },
  { causationId: 'e-32768' },
  { causationId: 'e-3', correlationId: 'talk-long' },
]

/** Searches, and compares with what is found if each event is looked at. */
async function expectAllFound(store: Store, count: number): Promise<void> {
  for (const search of searches) {
    const { limit = 10_000 } = search
    const matches = (number: number) => {
      const parts: Readonly<Record<string, unknown>> = { id: `e-${number}`, ...partsOf(number) }
      return Object.entries(search).every(([name, value]) => name === 'limit' || parts[name] === value)
    }
    const expected: string[] = []
    for (let number = count - 1; number >= 0 && expected.length < limit; number--)
      if (matches(number)) expected.push(`e-${number}`)
    const found = await store.searchEventLog({ ...search, limit })
    expect(
      found.map(({ id }) => id),
      JSON.stringify(search),
    ).toEqual(expected)
  }
}

test('a search by key, type, id, conversation or cause finds the newest ones in a long log, before and after a restart', async () => {
  const directory = temporaryFolder()
  const first = await openObserved(directory)
  await logEvents(first.store, 0, 40_000)
  await expectAllFound(first.store, 40_000)
  await first.close()
  const second = await openObserved(directory)
  await expectAllFound(second.store, 40_000)
  await logEvents(second.store, 40_000, 50_000)
  await expectAllFound(second.store, 50_000)
})

test('a search by a key, a type or an id that nobody has looks at no event of a long log', async () => {
  const { store, seen } = await openObserved(temporaryFolder())
  await logEvents(store, 0, 40_000)
  seen.soon = 0
  expect(await store.searchEventLog({ key: 'nobody', limit: 1 })).toEqual([])
  expect(await store.searchEventLog({ type: 'nobody', limit: 1 })).toEqual([])
  for (const name of ['id', 'correlationId', 'causationId'])
    expect(await store.searchEventLog({ [name]: 'nobody', limit: 1 })).toEqual([])
  expect(seen.soon).toBe(0)
})

test('what a build without the index has logged is found, and indexed step by step while nothing happens', async () => {
  const directory = temporaryFolder()
  const first = await openObserved(directory)
  await logEvents(first.store, 0, 20_000)
  await first.close()
  logWithoutIndex(directory, 20_000, 45_000)
  const second = await openObserved(directory)
  await expectAllFound(second.store, 45_000)
  let steps = 0
  for (; second.rest(); steps++) if (steps % 10 === 0) await expectAllFound(second.store, 45_000)
  expect(steps).toBeGreaterThan(25)
  second.seen.soon = 0
  expect(await second.store.searchEventLog({ key: 'nobody', limit: 1 })).toEqual([])
  expect(second.seen.soon).toBe(0)
})

test('what a build without the index has logged is indexed with later commits too', async () => {
  const directory = temporaryFolder()
  const first = await openObserved(directory)
  await logEvents(first.store, 0, 10)
  await first.close()
  logWithoutIndex(directory, 10, 20_000)
  const second = await openObserved(directory)
  await logEvents(second.store, 20_000, 45_000)
  await expectAllFound(second.store, 45_000)
  second.seen.soon = 0
  expect(await second.store.searchEventLog({ key: 'nobody', limit: 1 })).toEqual([])
  expect(second.seen.soon).toBe(0)
})

test('a commit that is rolled back leaves nothing in the index: what comes later is found by its key and its type', async () => {
  const { store } = await openObserved(temporaryFolder())
  await logEvents(store, 0, blockCount - 10)
  const refused = { ...numbered(1), key: 'refused', version: null } as unknown as EventRecord
  const others = Array.from({ length: 20 }, (_, index) => numbered(blockCount - 10 + index))
  const group = [store.commit(publish(...others)), store.commit(unit({ events: [numbered(7), refused] }))]
  await expect(group[1]).rejects.toThrow()
  expect(await group[0]).toMatchObject({ committed: true })
  await store.commit(publish(event('after', { key: 'after', type: 'shop.after' })))
  for (const search of [{ key: 'after' }, { type: 'shop.after' }, { id: 'after' }, { causationId: 'command-after' }])
    expect((await store.searchEventLog({ ...search, limit: 9 })).map(({ id }) => id)).toEqual(['after'])
  expect(await store.searchEventLog({ key: 'refused', limit: 1 })).toEqual([])
})
