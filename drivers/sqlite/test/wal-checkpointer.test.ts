// The WAL stays small by itself, and a reader that holds it back is reported.

import { existsSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { LogLine, Store } from 'tidings/ports'
import { expect, test } from 'vitest'
import { openConnection, prepare } from '../src/database/sqlite-connection.ts'
import { createCheckpointer } from '../src/wal-checkpoints/sqlite-wal-checkpointer.ts'
import { event, publish } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

const data = JSON.stringify({ note: 'x'.repeat(4_000) })
let number = 0

async function write(store: Store, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    number += 1
    await store.commit(publish(event(`e${number}`, { data })))
  }
}

test('P11: pages move into the database behind the commits, without a checkpoint by the writer [trap: stuck-reader]', async () => {
  const folder = temporaryFolder()
  const engine = await openEngine(folder, { checkpointIntervalMs: 1, checkpointPages: 0 })
  const store = await engine.openStore('orders')
  const size = () => statSync(path.join(folder, 'orders.db')).size
  await write(store, 49)
  expect(size()).toBeLessThan(10 * 4_096)
  for (let count = 0; size() < 100 * 4_096 && count < 20_000; count++) await write(store, 10)
  expect(size()).toBeGreaterThanOrEqual(100 * 4_096)
})

test('P11: a WAL that has grown to 1,000 pages is moved long before the interval has passed', async () => {
  const folder = temporaryFolder()
  const engine = await openEngine(folder, { checkpointIntervalMs: 20_000, checkpointPages: 0 })
  const store = await engine.openStore('orders')
  const size = () => statSync(path.join(folder, 'orders.db')).size
  const giveUpAt = performance.now() + 10_000
  while (size() < 1_000 * 4_096 && performance.now() < giveUpAt) await write(store, 50)
  expect(size()).toBeGreaterThanOrEqual(1_000 * 4_096)
})

test('P11: a file that could not be opened to be checkpointed is opened by a later commit', async () => {
  const file = path.join(temporaryFolder(), 'orders.db')
  const lines: LogLine[] = []
  const checkpointer = createCheckpointer({
    durability: 'process-crash',
    intervalMs: 1,
    walBytesMax: 10_000_000,
    log: (line) => lines.push(line),
    now: () => 0,
  })
  const writer = openConnection(file, { durability: 'process-crash', checkpointPages: 0 })
  writer.exec('CREATE TABLE notes (text)')
  const insert = prepare(writer, 'INSERT INTO notes VALUES (?)')
  const checkpointed = checkpointer.open(file, 'orders')
  const commits = async (count: number) => {
    for (let index = 0; index < count; index++) {
      insert.run('x'.repeat(4_000))
      checkpointed.written()
    }
    await setImmediate()
  }
  // The writer has its file open already. The checkpointing thread, which opens it now, does not find it, and makes no other.
  renameSync(file, `${file}.aside`)
  await commits(51)
  const giveUpAt = performance.now() + 10_000
  while (lines.length === 0 && performance.now() < giveUpAt) await commits(1)
  expect(lines[0]).toMatchObject({ level: 'warn', message: 'A checkpoint failed; it is tried again.' })
  expect(existsSync(file)).toBe(false)
  renameSync(`${file}.aside`, file)
  const sizeBefore = statSync(file).size
  do await commits(1)
  while (statSync(file).size === sizeBefore && performance.now() < giveUpAt)
  expect(statSync(file).size).toBeGreaterThan(sizeBefore)
  await checkpointed.close()
  await checkpointer.close()
  writer.close()
})

test('P11: a WAL that a reader holds back is reported once [trap: stuck-reader]', async () => {
  const folder = temporaryFolder()
  const lines: LogLine[] = []
  const engine = await openEngine(folder, {
    checkpointIntervalMs: 1,
    walBytesMax: 1_000_000,
    log: (line) => lines.push(line),
  })
  const store = await engine.openStore('orders')
  const reader = openConnection(path.join(folder, 'orders.db'), { durability: 'process-crash', readOnly: true })
  reader.exec('BEGIN')
  prepare(reader, 'SELECT count(*) FROM tidings_log').get()
  for (let count = 0; lines.length === 0 && count < 20_000; count++) await write(store, 10)
  await write(store, 50)
  reader.close()
  expect(lines).toMatchObject([{ level: 'warn', service: 'orders', fields: { walBytesMax: 1_000_000 } }])
})
