// Backup while the store is written, restore under a new epoch, and what consumers can tell from it.

import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { backupStore, restoreStore } from '../src/index.ts'
import { openEngine, temporaryFolder, testEnvironment } from './host.ts'
import { event, publish, put } from './processes/units.ts'

const { ids } = testEnvironment()

test('P2: a restored publisher has a new epoch and names what it kept of the old one [trap: restored-store]', async () => {
  const folder = temporaryFolder()
  const toFile = path.join(temporaryFolder(), 'orders.backup')
  const [writing, reading] = [await openEngine(folder), await openEngine(folder)]
  const store = await writing.openStore('orders')
  await store.ensureTable({ name: 'orders', indexes: [] })
  await store.commit(publish(event('a'), event('b')))
  const progress: number[] = []
  const backup = backupStore({
    directory: folder,
    service: 'orders',
    toFile,
    onProgress: ({ pagesDone }) => progress.push(pagesDone),
  })
  // Commits during the copy do not come into it, and do not make it begin again.
  await store.commit(publish(event('c')))
  await backup
  expect(readdirSync(path.dirname(toFile))).toEqual(['orders.backup'])
  await store.commit(put('orders', 'after', {}))
  await expect(restoreStore({ directory: folder, service: 'orders', fromFile: toFile, ids })).rejects.toMatchObject({
    code: 'STORE_LOCKED',
  })
  const before = await reading.broker.read('orders', { after: '', limit: 9 })
  await store.close()

  await restoreStore({ directory: folder, service: 'orders', fromFile: toFile, ids })
  const restored = await writing.openStore('orders')
  expect(restored.earlierEpochs).toEqual([{ epoch: before.epoch, upTo: '0000000000000002' }])
  expect(restored.epoch).not.toBe(before.epoch)
  expect(await restored.count('orders')).toBe(0)
  await restored.commit(publish(event('d')))
  // The reader has had the file open all the time.
  const after = await reading.broker.read('orders', { after: '', limit: 9 })
  expect([after.epoch, after.events.map(({ id }) => id)]).toEqual([restored.epoch, ['a', 'b', 'd']])
  expect(await reading.broker.earlierEpochs('orders')).toEqual(restored.earlierEpochs)

  await restored.close()
  await restoreStore({ directory: folder, service: 'orders', fromFile: toFile, ids })
  const again = await writing.openStore('orders')
  // Who has heard the store under the epoch in between knows what it has in common with the backup.
  expect(again.earlierEpochs).toEqual([
    { epoch: before.epoch, upTo: '0000000000000002' },
    { epoch: restored.epoch, upTo: '0000000000000002' },
  ])
  expect(new Set([before.epoch, restored.epoch, again.epoch]).size).toBe(3)
})

test('a backup is restored where there is no store, and where the store is damaged', async () => {
  const [folder, other] = [temporaryFolder(), temporaryFolder()]
  const toFile = path.join(folder, 'orders.backup')
  const first = await (await openEngine(folder)).openStore('orders')
  await first.commit(publish(event('a')))
  await backupStore({ directory: folder, service: 'orders', toFile })
  writeFileSync(path.join(other, 'orders.db'), 'not a database '.repeat(1_000))
  for (const directory of [other, path.join(other, 'new')]) {
    await restoreStore({ directory, service: 'orders', fromFile: toFile, ids })
    const store = await (await openEngine(directory)).openStore('orders')
    expect((await store.readLog({ after: '', limit: 9 })).events.map(({ id }) => id)).toEqual(['a'])
  }
  expect(existsSync(path.join(other, 'orders.db.damaged-1'))).toBe(true)
})

test('what cannot be a backup is refused, and the store stays as it is', async () => {
  const folder = temporaryFolder()
  const file = (name: string) => path.join(folder, name)
  const engine = await openEngine(folder)
  const store = await engine.openStore('orders')
  await store.commit(publish(event('a')))
  await backupStore({ directory: folder, service: 'orders', toFile: file('good') })
  const backup = (service: string, name: string) => backupStore({ directory: folder, service, toFile: file(name) })
  await expect(backup('orders', 'good')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(backup('payments', 'new')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(backup('orders', 'no/such/folder')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await store.close()
  writeFileSync(file('bad'), 'not a database '.repeat(1_000))
  const restore = (service: string, name: string) =>
    restoreStore({ directory: folder, service, fromFile: file(name), ids })
  await expect(restore('orders', 'bad')).rejects.toMatchObject({ code: 'CORRUPT_DATA' })
  await expect(restore('orders', 'missing')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(restore('payments', 'good')).rejects.toMatchObject({ code: 'CORRUPT_DATA' })
  const again = await engine.openStore('orders')
  expect([again.epoch, again.earlierEpochs]).toEqual([store.epoch, []])
})
