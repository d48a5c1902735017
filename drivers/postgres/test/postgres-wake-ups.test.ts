// Wake-ups and looks: many publications make few notifications, a lost listener comes back, nothing depends on notifications, and an idle process that hears
// fifty services asks once for all of them.

import { expect, onTestFinished, test, vi } from 'vitest'
import { Heads } from '../src/broker/postgres-heads.ts'
import { WakeUps } from '../src/broker/postgres-wake-ups.ts'
import { openEngine, publishIds, realEnvironment, temporaryPrefix } from './postgres-engine.ts'
import { runSql } from './postgres-under-test.ts'

/** Timers that run when the test says so. */
function heldTimeouts() {
  const waiting = new Set<() => void>()
  const hold = (run: () => void) => {
    waiting.add(run)
    return () => waiting.delete(run)
  }
  const timeouts = { after: (_delayMs: number, run: () => void) => hold(run), soon: hold }
  const runAll = async () => {
    for (const run of [...waiting]) if (waiting.delete(run)) run()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { timeouts, runAll }
}

const { clock, random } = realEnvironment

test('publications of one moment are notified together, and nobody waits for a notification', async () => {
  const { timeouts, runAll } = heldTimeouts()
  const sent: string[] = []
  const notify = async (payload: string) => void sent.push(payload)
  const wakeUps = new WakeUps({ timeouts, random, sender: 'me', notify })
  let wakes = 0
  wakeUps.watch('alpha', () => wakes++)
  for (let count = 0; count < 100; count++) wakeUps.published(count % 2 === 0 ? 'alpha' : 'beta')
  expect([wakes, sent]).toEqual([50, []])
  await runAll()
  expect(sent).toEqual(['me alpha beta'])
  wakeUps.published('beta')
  await runAll()
  await runAll()
  expect(sent).toEqual(['me alpha beta', 'me beta'])
})

test('names that fill more than one notification are sent in several', async () => {
  const { timeouts, runAll } = heldTimeouts()
  const sent: string[] = []
  const wakeUps = new WakeUps({
    timeouts,
    random,
    sender: 'me',
    notify: async (payload) => void sent.push(payload),
  })
  const services = Array.from({ length: 300 }, (_, number) => `service-${number}-${'x'.repeat(40)}`)
  for (const service of services) wakeUps.published(service)
  await runAll()
  expect(sent.length).toBeGreaterThan(1)
  for (const payload of sent) expect(payload.length).toBeLessThan(8_000)
  expect(sent.flatMap((payload) => payload.split(' ').slice(1))).toEqual(services)
})

test('a listener whose connection was cut listens again, and wakes everybody, because it may have missed something', async () => {
  const schemaPrefix = temporaryPrefix()
  const engine = await openEngine({ schemaPrefix })
  let wakes = 0
  engine.broker.watch('alpha', () => wakes++)
  await vi.waitFor(() => expect(wakes).toBe(1), 10_000)
  await runSql(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()",
  )
  await vi.waitFor(() => expect(wakes).toBeGreaterThanOrEqual(2), 10_000)
})

test('without LISTEN, a look that finds news wakes every watcher of the source', async () => {
  const schemaPrefix = temporaryPrefix()
  let skippedMs = 0
  const later = { ...realEnvironment, clock: { ...clock, monotonicMs: () => clock.monotonicMs() + skippedMs } }
  const reader = await openEngine({ schemaPrefix, transactionPooling: true }, later)
  const store = await (await openEngine({ schemaPrefix })).openStore('alpha')
  await publishIds(store, ['a'])
  let wakes = 0
  reader.broker.watch('alpha', () => wakes++)
  const { next } = await reader.broker.read('alpha', { after: '', limit: 10 })
  const look = () => reader.broker.read('alpha', { after: next, limit: 10, isLook: true })
  expect((await look()).events).toEqual([])
  await publishIds(store, ['b'])
  skippedMs = 1_000
  expect((await look()).events.map(({ id }) => id)).toEqual(['b'])
  expect(wakes).toBe(1)
})

test('P11: a process that looks at fifty sources asks once for all of them, and not again within the second', async () => {
  let now = 0
  const statements: string[] = []
  const heads = new Heads({
    clock: { now: () => now, monotonicMs: () => now },
    query: async (text) => {
      statements.push(text)
      return Array.from({ length: 50 }, (_, number) => [number, 'epoch', 7, 'id-7'])
    },
    endOf: (source) => `SELECT '${source}'`,
    moved: () => {},
  })
  const sources = Array.from({ length: 50 }, (_, number) => `service-${number}`)
  for (const source of sources) {
    heads.exists(source)
    await heads.of(source)
  }
  statements.length = 0
  for (let second = 1; second <= 10; second++) {
    now = second * 1_000
    const found = await Promise.all(sources.map((source) => heads.of(source)))
    expect(new Set(found.map((head) => head?.id))).toEqual(new Set(['id-7']))
  }
  expect(statements.length).toBe(10)
  expect(statements[0]?.split('UNION ALL').length).toBe(50)
})

test('a source that has news is asked itself, whatever was known of it a moment ago', async () => {
  const schemaPrefix = temporaryPrefix()
  const engine = await openEngine({ schemaPrefix })
  const store = await engine.openStore('alpha')
  onTestFinished(engine.broker.watch('alpha', () => {}))
  await publishIds(store, ['a'])
  const { next } = await engine.broker.read('alpha', { after: '', limit: 10 })
  const look = () => engine.broker.read('alpha', { after: next, limit: 10, isLook: true })
  expect((await look()).events).toEqual([])
  await publishIds(store, ['b'])
  expect((await look()).events.map(({ id }) => id)).toEqual(['b'])
})
