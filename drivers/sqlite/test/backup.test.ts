// A backup while the store is written, a restore under a new epoch, and what consumers can tell from it.

import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { BackupProgress } from 'tidings/ports'
import { expect, test } from 'vitest'
import { sqliteDriver } from '../src/index.ts'
import { event, publish, put } from './processes/units.ts'
import { openEngine, temporaryFolder, testEnvironment } from './test-engine.ts'

const { ids } = testEnvironment()

const backUp = async (directory: string, service: string, toFile: string) =>
  sqliteDriver({ directory }).backups?.backUp({ service, toFile })

const restore = async (directory: string, service: string, fromFile: string) =>
  sqliteDriver({ directory }).backups?.restore({ service, fromFile, ids })

test('P2: a restored publisher has a new epoch and names what it kept of the old one [trap: restored-store]', async () => {
  const folder = temporaryFolder()
  const toFile = path.join(temporaryFolder(), 'orders.backup')
  const [writing, reading] = [await openEngine(folder), await openEngine(folder)]
  const store = await writing.openStore('orders')
  await store.ensureTable({ name: 'orders', indexes: [] })
  await store.commit(publish(event('a'), event('b')))
  const backup = backUp(folder, 'orders', toFile)
  // Commits during the copy are not part of it, and do not make it begin again.
  await store.commit(publish(event('c')))
  await backup
  expect(readdirSync(path.dirname(toFile))).toEqual(['orders.backup'])
  await store.commit(put('orders', 'after', {}))
  await expect(restore(folder, 'orders', toFile)).rejects.toMatchObject({ code: 'STORE_LOCKED' })
  const before = await reading.broker.read('orders', { after: '', limit: 9 })
  await store.close()

  await restore(folder, 'orders', toFile)
  const restored = await writing.openStore('orders')
  expect(restored.earlierEpochs).toEqual([{ epoch: before.epoch, upTo: '0000000000000002' }])
  expect(restored.epoch).not.toBe(before.epoch)
  await restored.ensureTable({ name: 'orders', indexes: [] })
  expect(await restored.count('orders')).toBe(0)
  await restored.commit(publish(event('d')))
  // The reader had the file open the whole time.
  const after = await reading.broker.read('orders', { after: '', limit: 9 })
  expect([after.epoch, after.events.map(({ id }) => id)]).toEqual([restored.epoch, ['a', 'b', 'd']])
  expect(await reading.broker.earlierEpochs('orders')).toEqual(restored.earlierEpochs)

  await restored.close()
  await restore(folder, 'orders', toFile)
  const again = await writing.openStore('orders')
  // A consumer that has read under the epoch in between can tell what it has in common with the backup.
  expect(again.earlierEpochs).toEqual([
    { epoch: before.epoch, upTo: '0000000000000002' },
    { epoch: restored.epoch, upTo: '0000000000000002' },
  ])
  expect(new Set([before.epoch, restored.epoch, again.epoch]).size).toBe(3)
})

test('the progress of a large backup is reported in bytes of its file', async () => {
  const folder = temporaryFolder()
  const toFile = path.join(folder, 'orders.backup')
  const store = await (await openEngine(folder)).openStore('orders')
  await store.ensureTable({ name: 'orders', indexes: [] })
  await store.commit(put('orders', 'large', { note: 'x'.repeat(9_000_000) }))
  const progress: BackupProgress[] = []
  const onProgress = (each: BackupProgress) => progress.push(each)
  await sqliteDriver({ directory: folder }).backups?.backUp({ service: 'orders', toFile, onProgress })
  const { size } = statSync(toFile)
  expect(new Set(progress.map(({ bytesTotal }) => bytesTotal))).toEqual(new Set([size]))
  expect(progress.map(({ bytesDone }) => bytesDone)).toEqual([1, 2].map((steps) => steps * 1_000 * 4_096))
})

test('a backup is restored if there is no store, and if the store is damaged', async () => {
  const [folder, other] = [temporaryFolder(), temporaryFolder()]
  const toFile = path.join(folder, 'orders.backup')
  const first = await (await openEngine(folder)).openStore('orders')
  await first.commit(publish(event('a')))
  await backUp(folder, 'orders', toFile)
  writeFileSync(path.join(other, 'orders.db'), 'not a database '.repeat(1_000))
  for (const directory of [other, path.join(other, 'new')]) {
    await restore(directory, 'orders', toFile)
    const store = await (await openEngine(directory)).openStore('orders')
    expect((await store.readEventLog({ after: '', limit: 9 })).events.map(({ id }) => id)).toEqual(['a'])
  }
  expect(existsSync(path.join(other, 'orders.db.damaged-1'))).toBe(true)
})

test('a file that cannot be a backup is refused, and the store stays as it is', async () => {
  const folder = temporaryFolder()
  const file = (name: string) => path.join(folder, name)
  const engine = await openEngine(folder)
  const store = await engine.openStore('orders')
  await store.commit(publish(event('a')))
  await backUp(folder, 'orders', file('good'))
  await expect(backUp(folder, 'orders', file('good'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(backUp(folder, 'payments', file('new'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(backUp(folder, 'orders', file('no/such/folder'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await store.close()
  writeFileSync(file('bad'), 'not a database '.repeat(1_000))
  const hint = 'Name a file that `tidings backup` wrote.'
  await expect(restore(folder, 'orders', file('bad'))).rejects.toMatchObject({ code: 'CORRUPT_DATA', hint })
  await expect(restore(folder, 'orders', file('missing'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(restore(folder, 'payments', file('good'))).rejects.toMatchObject({ code: 'CORRUPT_DATA' })
  const again = await engine.openStore('orders')
  expect([again.epoch, again.earlierEpochs]).toEqual([store.epoch, []])
})
