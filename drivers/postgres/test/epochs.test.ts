// Epochs after restores, on real servers: a copy of the database, a recovery to a point in time, a schema that was restored in its own database, and a copy
// that was put back by hand, which nothing but the events themselves can tell.

import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Store } from 'tidings/ports'
import { expect, onTestFinished, test } from 'vitest'
import { quoted } from '../src/database/postgres-names.ts'
import { postgresDriver } from '../src/index.ts'
import { localPostgres } from '../src/local.ts'
import { copySchema } from './postgres-copies.ts'
import { idsOf, openEngine, publishIds, realEnvironment, temporaryPrefix } from './postgres-engine.ts'
import { runSql, testUrl } from './postgres-under-test.ts'

const everything = { after: '', limit: 100 } as const
const position = (number: number) => String(number).padStart(16, '0')

async function openIn(url: string, schemaPrefix: string): Promise<Store> {
  const engine = await postgresDriver({ url, schemaPrefix, durability: 'process-crash' }).open(realEnvironment)
  onTestFinished(() => engine.close())
  return engine.openStore('alpha')
}

test('a copy of the database begins an epoch of its own, and names the one that it was copied in', async () => {
  const schemaPrefix = temporaryPrefix()
  const url = await testUrl()
  const source = `${schemaPrefix}source`
  const copy = `${schemaPrefix}copy`
  await runSql(`CREATE DATABASE ${quoted(source)}`)
  onTestFinished(() => runSql(`DROP DATABASE IF EXISTS ${quoted(source)} WITH (FORCE)`).then(() => {}))
  const inDatabase = (name: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href
  const engine = await postgresDriver({ url: inDatabase(source), schemaPrefix }).open(realEnvironment)
  const first = await engine.openStore('alpha')
  await publishIds(first, ['a', 'b', 'c'])
  await engine.close()
  await runSql(`CREATE DATABASE ${quoted(copy)} TEMPLATE ${quoted(source)}`)
  onTestFinished(() => runSql(`DROP DATABASE IF EXISTS ${quoted(copy)} WITH (FORCE)`).then(() => {}))
  const copied = await openIn(inDatabase(copy), schemaPrefix)
  expect(copied.epoch).not.toBe(first.epoch)
  expect(copied.earlierEpochs).toEqual([{ epoch: first.epoch, upTo: position(3) }])
  expect(idsOf(await copied.readEventLog(everything))).toEqual(['a', 'b', 'c'])
  const again = await openIn(inDatabase(source), schemaPrefix)
  expect([again.epoch, again.earlierEpochs]).toEqual([first.epoch, []])
})

test('a recovery to a point in time is noticed when the connection is lost: nothing is committed any more, and the next start begins an epoch', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'tidings-recovery-'))
  chmodSync(directory, 0o711)
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const server = await localPostgres({ directory, durable: false, settings: { restore_command: 'false' } })
  onTestFinished(() => server.close())
  const store = await openIn(server.url, 'recovered_')
  await publishIds(store, ['a', 'b'])
  const signal = path.join(server.data, 'recovery.signal')
  writeFileSync(signal, '')
  const { uid, gid } = statSync(server.data)
  chownSync(signal, uid, gid)
  await server.restart()
  const refused = {
    code: 'STORE_UNAVAILABLE',
    message: expect.stringContaining('is not the one that this process has opened'),
  }
  await expect(eventually(() => publishIds(store, ['c']), /is not the one/)).rejects.toMatchObject(refused)
  await expect(store.readEventLog(everything)).rejects.toMatchObject(refused)
  const recovered = await openIn(server.url, 'recovered_')
  expect(recovered.epoch).not.toBe(store.epoch)
  expect(recovered.earlierEpochs).toEqual([{ epoch: store.epoch, upTo: position(2) }])
  await publishIds(recovered, ['d'])
  expect(idsOf(await recovered.readEventLog(everything))).toEqual(['a', 'b', 'd'])
}, 60_000)

/** Tries until it rejects with a message, at most fifty times: right after a restart, a server may refuse for other reasons. */
async function eventually(work: () => Promise<unknown>, message: RegExp): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === 50 || message.test(String(error))) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

test('a schema that was restored in its own database begins a new epoch, and of eight instances that notice it one begins it', async () => {
  const schemaPrefix = temporaryPrefix()
  const engine = await openEngine({ schemaPrefix })
  const first = await engine.openStore('alpha')
  await publishIds(first, ['a', 'b'])
  await engine.close()
  const [schema, kept] = [quoted(`${schemaPrefix}alpha`), quoted(`${schemaPrefix}~kept`)]
  // What a dump does: the same rows in a table that is a new one.
  await runSql(`CREATE SCHEMA ${kept}; CREATE TABLE ${kept}.tidings_store (LIKE ${schema}.tidings_store INCLUDING ALL);
    INSERT INTO ${kept}.tidings_store SELECT * FROM ${schema}.tidings_store; DROP TABLE ${schema}.tidings_store;
    ALTER TABLE ${kept}.tidings_store SET SCHEMA ${schema}`)
  const engines = await Promise.all(Array.from({ length: 8 }, () => openEngine({ schemaPrefix })))
  const stores = await Promise.all(engines.map((each) => each.openStore('alpha')))
  expect(new Set(stores.map(({ epoch }) => epoch)).size).toBe(1)
  for (const store of stores) expect(store.earlierEpochs).toEqual([{ epoch: first.epoch, upTo: position(2) }])
})

test('an instance that has a store open while it is restored commits nothing more to it', async () => {
  const schemaPrefix = temporaryPrefix()
  const stale = await (await openEngine({ schemaPrefix })).openStore('alpha')
  await publishIds(stale, ['a'])
  await runSql(`UPDATE ${quoted(`${schemaPrefix}alpha`)}.tidings_store SET database_oid = 1`)
  const restored = await (await openEngine({ schemaPrefix })).openStore('alpha')
  expect(restored.epoch).not.toBe(stale.epoch)
  await expect(publishIds(stale, ['b'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(idsOf(await restored.readEventLog(everything))).toEqual(['a'])
})

test('a copy that was put back in place has the epoch of before, and is known by the event at the position that was read', async () => {
  const schemaPrefix = temporaryPrefix()
  const engine = await openEngine({ schemaPrefix })
  const first = await engine.openStore('alpha')
  await publishIds(first, ['a', 'b'])
  const schema = `${schemaPrefix}alpha`
  const restore = await copySchema(runSql, schema, `${schemaPrefix}~copy`)
  const before = await runSql(`SELECT database_oid FROM ${quoted(schema)}.tidings_store`)
  await publishIds(first, ['c', 'd'])
  const heard = await engine.broker.read('alpha', { ...everything, edges: true })
  expect(heard.edges?.next).toBe('d')
  await engine.close()
  await restore()
  await runSql(`UPDATE ${quoted(schema)}.tidings_store SET database_oid = ${before[0]?.database_oid}`)
  const again = await openEngine({ schemaPrefix })
  const put = await again.openStore('alpha')
  await publishIds(put, ['x', 'y', 'z'])
  const page = await again.broker.read('alpha', { after: heard.next, limit: 10, edges: true })
  expect([page.epoch, page.edges?.after, idsOf(page)]).toEqual([heard.epoch, 'y', ['z']])
})
