// Wake-ups reach readers in the same process and in others; they are hints, so the tests wait for one and do not count them.

import { readdirSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { wakeUpSocketPath } from '../src/broker/sqlite-wake-up-links.ts'
import { startChild } from './processes/child.ts'
import { event, publish, put } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

/** Waits for wake-ups one by one. */
function wakeUps(): { readonly wake: () => void; readonly next: () => Promise<void> } {
  let woken = false
  let resume: (() => void) | undefined
  return {
    wake: () => {
      woken = true
      resume?.()
    },
    next: async () => {
      if (!woken) {
        await new Promise<void>((resolve) => {
          resume = resolve
        })
      }
      woken = false
      resume = undefined
    },
  }
}

test('within a process, a wake-up follows each commit that published something', async () => {
  const engine = await openEngine(temporaryFolder())
  const store = await engine.openStore('orders')
  await store.ensureTable({ name: 'orders', indexes: [] })
  let count = 0
  const stop = engine.broker.watch('orders', () => {
    count += 1
  })
  await store.commit(put('orders', 'a', {}))
  expect(count).toBe(0)
  await store.commit(publish(event('a')))
  expect(count).toBe(1)
  stop()
  stop()
  await store.commit(publish(event('b')))
  expect(count).toBe(1)
})

test('across processes, also when the writer comes later, is killed, and comes again', async () => {
  const folder = temporaryFolder()
  const engine = await openEngine(folder)
  const { wake, next } = wakeUps()
  engine.broker.watch('orders', wake)
  const pids: number[] = []
  let after = ''
  const read = async () => {
    const page = await engine.broker.read('orders', { after, limit: 100 })
    after = page.next
    return page.events.map(({ id }) => id)
  }
  expect(await read()).toEqual([])
  for (const life of ['first', 'second']) {
    const child = await startChild('writer.ts', folder, 'orders')
    // The first wake-up says that the writer is there.
    await next()
    for (const id of [`${life}-a`, `${life}-b`]) {
      await child.ask(id)
      await next()
      expect(await read()).toEqual([id])
    }
    await child.kill()
    pids.push(child.pid)
  }
  // The second life has removed the socket of the first, which was killed.
  const sockets = readdirSync(path.dirname(wakeUpSocketPath(folder, 'orders')))
  expect(pids.map((pid) => sockets.filter((name) => name.startsWith(`${pid}-`)).length)).toEqual([0, 1])
})

test('an engine listens on one socket for all of its stores, and a reader is woken for the store that it watches', async () => {
  const folder = temporaryFolder()
  const [writing, reading] = [await openEngine(folder), await openEngine(folder)]
  const heard: string[] = []
  const [orders, payments] = [wakeUps(), wakeUps()]
  const watch = (source: string, { wake }: { wake: () => void }) =>
    reading.broker.watch(source, () => {
      heard.push(source)
      wake()
    })
  watch('orders', orders)
  watch('payments', payments)
  const stores = [await writing.openStore('orders'), await writing.openStore('payments')]
  // One wake-up when it has connected, one when the engine knows it.
  for (let count = 0; count < 2; count++) await Promise.all([orders.next(), payments.next()])
  const links = ['orders', 'payments'].map((service) => readlinkSync(wakeUpSocketPath(folder, service)))
  expect(links[0]).toBe(links[1])
  // Once a commit of each was heard, the engine knows what its readers have asked for.
  for (const [index, next] of [orders.next, payments.next].entries()) {
    await stores[index]?.commit(publish(event(`first-${index}`)))
    await next()
  }
  heard.length = 0
  for (const id of ['a', 'b', 'c']) {
    await stores[1]?.commit(publish(event(id)))
    await payments.next()
  }
  await stores[0]?.commit(publish(event('d')))
  await orders.next()
  expect(heard.filter((source) => source === 'orders')).toHaveLength(1)
})

test('two engines of one process wake each other through the socket, until the store moves in', async () => {
  const folder = temporaryFolder()
  const [writing, reading] = [await openEngine(folder), await openEngine(folder)]
  const { wake, next } = wakeUps()
  reading.broker.watch('orders', wake)
  const store = await writing.openStore('orders')
  await next()
  await store.commit(publish(event('a')))
  await next()
  await store.close()
  const moved = await reading.openStore('orders')
  await next()
  await moved.commit(publish(event('b')))
  await next()
  expect((await reading.broker.read('orders', { after: '', limit: 9 })).events).toHaveLength(2)
})

test('the path of a socket is short and its own for each folder and service', () => {
  const folder = `/${'long/'.repeat(60)}`
  const paths = [
    wakeUpSocketPath(folder, 'orders'),
    wakeUpSocketPath(folder, 'payments'),
    wakeUpSocketPath('/other', 'orders'),
  ]
  expect(new Set(paths).size).toBe(3)
  for (const each of paths) expect(Buffer.byteLength(each)).toBeLessThan(104)
})
