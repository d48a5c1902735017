// One writer for each file, and none once that writer has ended.

import { mkdirSync, statSync, utimesSync } from 'node:fs'
import { platform } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { takeLock } from '../src/database/sqlite-lock.ts'
import { isStoreOpen } from '../src/index.ts'
import { startChild } from './processes/child.ts'
import { event, publish } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

test('Concurrency: a second writer of the same process is refused, and let in when the first has closed', async () => {
  const folder = temporaryFolder()
  const [one, two] = [await openEngine(folder), await openEngine(folder)]
  const store = await one.openStore('orders')
  await expect(two.openStore('orders')).rejects.toMatchObject({ code: 'STORE_LOCKED', details: { pid: process.pid } })
  await expect(one.openStore('orders')).rejects.toMatchObject({ code: 'STORE_LOCKED' })
  expect((await store.commit(publish(event('a')))).committed).toBe(true)
  await store.close()
  await (await two.openStore('orders')).close()
})

test('Concurrency: a writer in another process is named; readers pass; a killed one holds nothing', async () => {
  const folder = temporaryFolder()
  const child = await startChild('writer.ts', folder, 'orders')
  const engine = await openEngine(folder)
  await expect(engine.openStore('orders')).rejects.toMatchObject({
    code: 'STORE_LOCKED',
    message: `The store of orders is open in process ${child.pid}.`,
  })
  expect(isStoreOpen(folder, 'orders')).toBe(true)
  expect(isStoreOpen(folder, 'payments')).toBe(false)
  await child.ask('a')
  expect((await engine.broker.read('orders', { after: '', limit: 10 })).events).toHaveLength(1)

  await child.kill()
  expect(isStoreOpen(folder, 'orders')).toBe(false)
  const store = await engine.openStore('orders')
  expect((await store.readEventLog({ after: '', limit: 10 })).events.map(({ id }) => id)).toEqual(['a'])
})

test('a lock that was taken before is taken again without a file beside it, and names its holder', async () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'orders.lock')
  takeLock(file, 'orders').release()
  // A file that comes or goes gives the folder a new time.
  utimesSync(folder, 1, 1)
  const lock = takeLock(file, 'orders')
  expect(statSync(folder).mtimeMs).toBe(1_000)
  expect(() => takeLock(file, 'orders')).toThrow('is open in this process')
  lock.release()
  takeLock(file, 'orders').release()
})

test('the folder and its files are for their owner only', async () => {
  const folder = path.join(temporaryFolder(), 'data')
  const engine = await openEngine(folder)
  await engine.openStore('orders')
  if (platform() === 'win32') return
  const modes = [folder, `${folder}/orders.db`, `${folder}/orders.db-wal`, `${folder}/orders.lock`]
  expect(modes.map((file) => statSync(file).mode & 0o077)).toEqual([0, 0, 0, 0])
})

test('a folder that is there already keeps its mode', async () => {
  const folder = path.join(temporaryFolder(), 'data')
  mkdirSync(folder, { mode: 0o755 })
  await openEngine(folder)
  expect(statSync(folder).mode & 0o777).toBe(0o755)
})

test.each(['../orders', 'Orders', 'a/b', ''])(
  'the service name %j cannot leave the folder [trap: names]',
  async (name) => {
    const engine = await openEngine(temporaryFolder())
    await expect(engine.openStore(name)).rejects.toMatchObject({ code: 'INVALID_NAME' })
  },
)
