// Files that are not the store that their name says are refused with a clear reason, and nothing in them is changed.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { toTidingsError } from '../src/database/sqlite-errors.ts'
import { event, publish } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

async function madeStore(sql: string): Promise<string> {
  const folder = temporaryFolder()
  const engine = await openEngine(folder)
  const store = await engine.openStore('orders')
  await store.commit(publish(event('a')))
  await engine.close()
  const database = new DatabaseSync(path.join(folder, 'orders.db'))
  database.exec(sql)
  database.close()
  return folder
}

test.each([
  ['a newer layout', 'PRAGMA user_version = 99', 'ENGINE_TOO_OLD', /layout 99/],
  ['the mark of another program', 'PRAGMA application_id = 7', 'CORRUPT_DATA', /not a store/],
  [
    'the store of another service',
    "UPDATE tidings_meta SET value = 'x' WHERE name = 'service'",
    'CORRUPT_DATA',
    /the store of x/,
  ],
  ['a log beyond 2^53-1', 'UPDATE tidings_log SET position = 9007199254740992', 'CORRUPT_DATA', /2\^53-1/],
])('%s is refused, for writing and for reading [trap: position-reuse]', async (_title, sql, code, message) => {
  const folder = await madeStore(sql)
  const engine = await openEngine(folder)
  await expect(engine.openStore('orders')).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  expect(() => engine.broker.read('orders', { after: '', limit: 1 })).toThrow(expect.objectContaining({ code }))
  // The refusal holds no lock.
  await expect(engine.openStore('orders')).rejects.toMatchObject({ code })
})

test('a file that is no database at all is refused', async () => {
  const folder = temporaryFolder()
  writeFileSync(path.join(folder, 'orders.db'), 'hello '.repeat(1_000))
  const engine = await openEngine(folder)
  await expect(engine.openStore('orders')).rejects.toMatchObject({ code: 'CORRUPT_DATA' })
})

test('a database of another program is left as it is', async () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'orders.db')
  const database = new DatabaseSync(file)
  database.exec('CREATE TABLE theirs (a)')
  database.close()
  const before = readFileSync(file)
  const engine = await openEngine(folder)
  const refusal = { code: 'CORRUPT_DATA', message: expect.stringMatching(/not a store/) }
  await expect(engine.openStore('orders')).rejects.toMatchObject(refusal)
  expect(readFileSync(file).equals(before)).toBe(true)
})

test('a database of another program that ended without closing it is left as it is, with its WAL', async () => {
  const [theirs, folder] = [path.join(temporaryFolder(), 'theirs.db'), temporaryFolder()]
  const database = new DatabaseSync(theirs)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE theirs (a)')
  const files = ['orders.db', 'orders.db-wal'].map((name) => path.join(folder, name))
  copyFileSync(theirs, files[0] ?? '')
  copyFileSync(`${theirs}-wal`, files[1] ?? '')
  database.close()
  const before = files.map((file) => readFileSync(file))
  const engine = await openEngine(folder)
  await expect(engine.openStore('orders')).rejects.toMatchObject({ code: 'CORRUPT_DATA' })
  expect(files.map((file, index) => readFileSync(file).equals(before[index] ?? Buffer.of()))).toEqual([true, true])
})

test('a directory that cannot be one is unavailable', async () => {
  const file = path.join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  await expect(openEngine(file)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
})

test.each([
  [5, 'STORE_UNAVAILABLE'],
  [13, 'STORE_UNAVAILABLE'],
  [10 | (4 << 8), 'STORE_UNAVAILABLE'],
  [11 | (1 << 8), 'CORRUPT_DATA'],
  [26, 'CORRUPT_DATA'],
  [18, 'PAYLOAD_TOO_LARGE'],
  [19 | (8 << 8), 'INVARIANT'],
  [1, 'INVARIANT'],
])('SQLite code %i becomes %s, whatever its message says', (errcode, code) => {
  const native = Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode })
  expect(toTidingsError(native, 'commit')).toMatchObject({ code, details: { sqliteCode: errcode }, cause: native })
})
