// The store of a service that was renamed: it keeps everything, its readers in other processes see it whole, and nobody takes an open one.

import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { event, publish } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

test('P2: a renamed store keeps its epoch and its events, also beside a reader that has the old file open', async () => {
  const folder = temporaryFolder()
  const [engine, other] = [await openEngine(folder), await openEngine(folder)]
  const store = await engine.openStore('post')
  await store.commit(publish(event('a'), event('b')))
  const { epoch } = store
  expect((await other.broker.read('post', { after: '', limit: 10 })).events).toHaveLength(2)
  await expect(engine.renameStore?.('post', 'mail')).rejects.toMatchObject({ code: 'STORE_LOCKED' })
  await store.close()

  await engine.renameStore?.('post', 'mail')
  expect(await engine.storedServices?.()).toEqual(['mail'])
  for (const suffix of ['db', 'db-wal', 'db-shm', 'lock'])
    expect(existsSync(path.join(folder, `post.${suffix}`)), suffix).toBe(false)
  expect((await other.broker.read('post', { after: '', limit: 10 })).epoch).toBeUndefined()
  const renamed = await engine.openStore('mail')
  expect(renamed.epoch).toBe(epoch)
  await renamed.commit(publish(event('c')))
  const page = await other.broker.read('mail', { after: '', limit: 10 })
  expect(page.epoch).toBe(epoch)
  expect(page.events.map(({ id, source }) => `${source} ${id}`)).toEqual(['mail a', 'mail b', 'mail c'])
})

test('a store is not renamed over another one', async () => {
  const engine = await openEngine(temporaryFolder())
  for (const name of ['post', 'mail']) {
    const store = await engine.openStore(name)
    await store.commit(publish(event(name)))
    await store.close()
  }
  await engine.renameStore?.('post', 'mail')
  await engine.renameStore?.('nobody', 'mail')
  expect(await engine.storedServices?.()).toEqual(['mail', 'post'])
  const mail = await engine.openStore('mail')
  expect((await mail.readEventLog({ after: '', limit: 10 })).events.map(({ id }) => id)).toEqual(['mail'])
})

test('a store that is open elsewhere says in which process and on which host', async () => {
  const folder = temporaryFolder()
  const [one, two] = [await openEngine(folder), await openEngine(folder)]
  await one.openStore('orders')
  await expect(two.openStore('orders')).rejects.toMatchObject({
    code: 'STORE_LOCKED',
    details: { service: 'orders', pid: process.pid, host: hostname() },
  })
})
