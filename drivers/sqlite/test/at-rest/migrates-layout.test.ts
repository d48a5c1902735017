// A file of an earlier layout becomes one of the latest when its service opens it, and can be read by others before that.

import { slotOfKey } from 'tidings/ports'
import { expect, test } from 'vitest'
import { layoutVersion } from '../../src/database/sqlite-layout.ts'
import { event, publish } from '../processes/units.ts'
import { openEngine } from '../test-engine.ts'
import { copyOf, layouts } from './open-copy.ts'
import { rowsOf } from './read-folder.ts'

test('a file of layout 1 has the latest layout as soon as its service has opened it', async () => {
  const directory = copyOf('layout-1')
  const before = rowsOf(directory, 'library', 'SELECT * FROM tidings_log')
  await (await openEngine(directory)).openStore('library')
  expect(rowsOf(directory, 'library', 'PRAGMA user_version')).toEqual([{ user_version: layoutVersion }])
  const after = rowsOf(directory, 'library', 'SELECT * FROM tidings_log')
  expect(after).toEqual(before.map((row) => ({ ...row, tenant: null, tracestate: null, checksum: null })))
  const tenants = rowsOf(directory, 'library', 'SELECT DISTINCT tenant FROM tidings_facts')
  expect(tenants).toEqual([{ tenant: null }])
})

test('a reader reads a publisher of layout 1, and what it says after it was upgraded meanwhile', async () => {
  const directory = copyOf('layout-1')
  const reading = await openEngine(directory)
  const first = await reading.broker.read('library', { after: '', limit: 100 })
  expect(first.events.length).toBeGreaterThan(10)
  expect(new Set(first.events.map(({ tenant, tracestate }) => [tenant, tracestate].join()))).toEqual(new Set([',']))
  expect(rowsOf(directory, 'library', 'PRAGMA user_version')).toEqual([{ user_version: 1 }])

  const store = await (await openEngine(directory)).openStore('library')
  await store.commit(publish(event('later', { source: 'library', tenant: 'acme', tracestate: 'a=1' })))
  const { events } = await reading.broker.read('library', { after: first.next, limit: 100 })
  expect(events.map(({ id, tenant, tracestate }) => [id, tenant, tracestate])).toEqual([['later', 'acme', 'a=1']])
})

test.each(layouts)(
  'a publisher of %s is read by slots, by others and by its service, and every event is in one range',
  async (layout) => {
    const directory = copyOf(layout)
    const reading = await openEngine(directory)
    const read = async (from: number, to: number) =>
      (await reading.broker.read('library', { after: '', limit: 100, slots: { from, to } })).events
    const all = (await reading.broker.read('library', { after: '', limit: 100 })).events
    const ranges = [0, 40, 80, 120, 160, 200].map((from) => [from, from === 200 ? 256 : from + 40] as const)
    let found = 0
    for (const [from, to] of ranges) {
      const inRange = all.filter(({ key }) => slotOfKey(key) >= from && slotOfKey(key) < to)
      expect(await read(from, to)).toEqual(inRange)
      found += inRange.length
    }
    expect(found).toBe(all.length)

    const store = await (await openEngine(directory)).openStore('library')
    for (const [from, to] of ranges)
      expect((await store.readEventLog({ after: '', limit: 100, slots: { from, to } })).events).toEqual(
        await read(from, to),
      )
  },
)

test.each(layouts)(
  'every event of %s is found by its id, its conversation and its cause, and so is what comes later',
  async (layout) => {
    const directory = copyOf(layout)
    for (const service of ['library', 'desk', 'press', 'lab']) {
      let store = await (await openEngine(directory)).openStore(service)
      const expectAllFound = async () => {
        const { events } = await store.readEventLog({ after: '', limit: 1_000 })
        for (const name of ['id', 'correlationId', 'causationId'] as const)
          for (const event of events) {
            const found = await store.searchEventLog({ [name]: event[name], limit: 1_000 })
            expect(found).toEqual(events.filter((other) => other[name] === event[name]).reverse())
          }
        return events
      }
      const [last] = (await expectAllFound()).slice(-1)
      const later = Array.from({ length: 700 }, (_, number) =>
        event(`later-${number}`, {
          source: service,
          correlationId: number % 100 === 0 ? (last?.correlationId ?? 'new') : `talk-${number}`,
          causationId: number === 0 ? (last?.id ?? 'none') : `later-${number - 1}`,
        }),
      )
      await store.commit(publish(...later))
      await expectAllFound()
      await store.close()
      store = await (await openEngine(directory)).openStore(service)
      await expectAllFound()
      await store.close()
    }
  },
)
