// Wake-ups reach readers in the same process and in others; they are hints, so the tests wait for one and do not count them.

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
  }
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
