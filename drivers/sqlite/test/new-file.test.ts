// How the file of a store begins: in one write, in WAL mode, with nothing of an older file; and that opening waits for the disk only if commits do.

import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openConnection, pragma, prepare } from '../src/database/sqlite-connection.ts'
import { emptyDatabase } from '../src/database/sqlite-new-file.ts'
import { startChild } from './processes/child.ts'
import { put } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

test('a new file is what SQLite makes: in WAL mode, whole, and empty', () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'any.db')
  writeFileSync(file, emptyDatabase())
  const database = openConnection(file, { durability: 'power-loss', mustExist: true })
  expect(existsSync(`${file}-journal`)).toBe(false)
  expect(pragma(database, 'integrity_check')).toBe('ok')
  expect([pragma(database, 'page_size'), pragma(database, 'encoding')]).toEqual([4_096, 'UTF-8'])
  database.exec('CREATE TABLE any (a); INSERT INTO any VALUES (1)')
  database.close()
  const again = openConnection(file, { durability: 'power-loss', readOnly: true })
  expect(prepare(again, 'SELECT a FROM any').all()).toEqual([[1]])
  expect([pragma(again, 'integrity_check'), pragma(again, 'journal_mode')]).toEqual(['ok', 'wal'])
  again.close()
})

test('a new store takes nothing from the write-ahead log that an older file of its name has left behind', async () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'orders.db')
  const first = await openEngine(folder)
  const store = await first.openStore('orders')
  await store.ensureTable({ name: 'parcels', indexes: [] })
  await store.commit(put('parcels', 'old', {}))
  copyFileSync(`${file}-wal`, `${file}.kept`)
  await first.close()
  // Somebody removed the database of a killed process, and left its log.
  rmSync(file)
  copyFileSync(`${file}.kept`, `${file}-wal`)
  const again = await (await openEngine(folder)).openStore('orders')
  expect(again.tableNames()).toEqual([])
  expect(again.epoch).not.toBe(store.epoch)
  await again.ensureTable({ name: 'parcels', indexes: [] })
  expect(await again.find({ table: 'parcels', limit: 10 })).toEqual([])
})

test.each([
  ['nothing', undefined],
  ['zeros', new Uint8Array(8_192)],
  ['what is no log', new Uint8Array(40_000).fill(7)],
])('a new store whose only page a power cut took begins anew, with %s in its log', async (_what, log) => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'orders.db')
  writeFileSync(file, new Uint8Array(4_096))
  if (log !== undefined) writeFileSync(`${file}-wal`, log)
  const engine = await openEngine(folder)
  const store = await engine.openStore('orders')
  await store.ensureTable({ name: 'parcels', indexes: [] })
  await store.commit(put('parcels', 'a', {}))
  await store.close()
  const again = await engine.openStore('orders')
  await again.ensureTable({ name: 'parcels', indexes: [] })
  expect([again.epoch, await again.count('parcels')]).toEqual([store.epoch, 1])
})

test('a page that is lost begins nothing anew if its log has the commits', async () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'orders.db')
  const engine = await openEngine(folder)
  const store = await engine.openStore('orders')
  await store.ensureTable({ name: 'parcels', indexes: [] })
  await store.commit(put('parcels', 'a', {}))
  const other = temporaryFolder()
  copyFileSync(`${file}-wal`, path.join(other, 'orders.db-wal'))
  writeFileSync(path.join(other, 'orders.db'), new Uint8Array(4_096))
  const again = await (await openEngine(other)).openStore('orders')
  expect([again.epoch, await again.count('parcels')]).toEqual([store.epoch, 1])
})

test.each([
  ['more than a page of zeros', new Uint8Array(8_192)],
  ['a page of something else', new Uint8Array(4_096).fill(7)],
])('%s is damage, not a new store', async (_what, bytes) => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'orders.db')
  writeFileSync(file, bytes)
  await expect((await openEngine(folder)).openStore('orders')).rejects.toMatchObject({ code: 'CORRUPT_DATA' })
  expect(new Uint8Array(readFileSync(file))).toEqual(bytes)
})

test('a store whose commits do not wait for the disk is created and opened without waiting for it', async () => {
  const child = await startChild('disk-waits.ts', temporaryFolder(), 'process-crash')
  const { countable, opened, openWaits, createWaits } = (await child.ask('count')) as Record<string, number>
  if (!countable) return
  expect(openWaits).toBeLessThan(opened! / 2)
  expect(createWaits).toBeLessThan(opened! / 2)
})

test('a table in which nothing was found shows what is put next, also after a unit that was refused', async () => {
  const store = await (await openEngine(temporaryFolder())).openStore('orders')
  await store.ensureTable({ name: 'parcels', indexes: ['state'] })
  const found = () => store.find({ table: 'parcels', index: { column: 'state' }, limit: 1 })
  expect(await found()).toEqual([])
  const refused = await store.commit({
    ...put('parcels', 'a', {}, [null]),
    checks: [{ table: 'parcels', key: 'b', revision: 9 }],
  })
  expect([refused.committed, await found()]).toEqual([false, []])
  await store.commit(put('parcels', 'a', {}, ['sent']))
  expect(await found()).toHaveLength(1)
  await store.commit({ ...put('parcels', 'a', {}), rows: [{ table: 'parcels', key: 'a', row: null }] })
  expect(await found()).toEqual([])
  await store.commit(put('parcels', 'c', {}, [null]))
  expect(await found()).toHaveLength(1)
})
