// P2 to P4 for a broker that keeps a copy: however many relays run, and whatever happens to a batch on its way, the copy equals the
// event log: complete, in order, nothing twice.

import { TidingsError } from 'tidings'
import { createSeededRandom } from 'tidings/memory'
import type { Broker, RelayBatch } from 'tidings/ports'
import { expect, test } from 'vitest'
import { engines } from './setup/engines.ts'
import { secondRuntime } from './setup/second-runtime.ts'
import { createWorld, type World } from './setup/world.ts'
import { publishedBy } from './systems/fulfilment.ts'
import { deskWith, lettersRead, post, sendLetters } from './systems/letters.ts'

const seeds = Array.from({ length: 12 }, (_, index) => index + 1)
/** Small batches, so that a relay sends many. */
const busyPost = { ...post, limits: { ...post.limits, batchCountMax: 2, retryDelayMs: 5, retryDelayMsMax: 20 } }

async function relayedWorld(between: (broker: Broker) => Broker): Promise<World> {
  const kind = engines.find(({ name }) => name === 'memory, relayed')
  if (kind === undefined) throw new Error('no engine')
  return createWorld(kind, [busyPost, deskWith()], { broker: between })
}

async function checkCopied(world: World, seed: number): Promise<void> {
  await world.settle()
  const { events } = await world.system.service('post').store.readEventLog({ after: '', limit: 1_000 })
  const copy = await world.system.engine.broker.read('post', { after: '', limit: 1_000 })
  expect(copy.events, `seed ${seed}: the copy equals the event log`).toEqual(events)
  expect(events.map(({ position }) => Number(position))).toEqual(events.map((_event, index) => index + 1))
  expect(await lettersRead(world), `seed ${seed}`).toEqual({ a: [1, 2, 3, 4, 5, 6], b: [1, 2, 3, 4, 5, 6] })
  expect(await publishedBy(world, 'desk'), `seed ${seed}`).toHaveLength(12)
}

test('P2 P3 P4 (memory, relayed): two relays at once copy each event once, in order [trap: order-lost]', async () => {
  for (const seed of seeds) {
    const random = createSeededRandom(seed)
    const slowly = () => world.pause(1 + Math.floor(random.next() * 8))
    const world: World = await relayedWorld((broker) => ({
      ...broker,
      published: async (source) => {
        const answer = await broker.published(source)
        if (source === 'post') await slowly()
        return answer
      },
      publish: async (batch) => {
        if (batch.source === 'post') await slowly()
        await broker.publish(batch)
        if (batch.source === 'post') await slowly()
      },
    }))
    const second = await secondRuntime(world, 'post')
    for (let number = 1; number <= 6; number++) {
      await sendLetters(world, `a${number}`, `b${number}`)
      await world.advance(Math.floor(random.next() * 30))
    }
    await checkCopied(world, seed)
    await world.run(second.close())
    await world.close()
  }
})

/** What can happen to a batch on its way. */
const fates = [
  'arrives',
  'is lost',
  'arrives, and its answer is lost',
  'is lost with the relay',
  'arrives after the death of the relay',
]

test('P2 P3 P4 (memory, relayed): a relay that fails or dies before or after a batch arrives loses and doubles nothing [trap: dual-write]', async () => {
  const met = new Set<string>()
  for (const seed of seeds) {
    const random = createSeededRandom(seed)
    let calm = false
    const unavailable = () => new TidingsError('BROKER_UNAVAILABLE', 'The broker went away.')
    const meet = async (broker: Broker, batch: RelayBatch) => {
      const fate = calm ? 'arrives' : fates[Math.floor(random.next() * fates.length)]
      met.add(String(fate))
      if (fate === 'is lost') throw unavailable()
      if (fate === 'is lost with the relay') {
        world.kill()
        return new Promise<void>(() => {})
      }
      await broker.publish(batch)
      if (fate === 'arrives after the death of the relay') world.kill()
      if (fate === 'arrives, and its answer is lost') throw unavailable()
      return undefined
    }
    const world: World = await relayedWorld((broker) => ({
      ...broker,
      publish: (batch) =>
        batch.source === 'post' && batch.events.length > 0 ? meet(broker, batch) : broker.publish(batch),
    }))
    for (let number = 1; number <= 6; number++) {
      await sendLetters(world, `a${number}`, `b${number}`)
      await world.advance(Math.floor(random.next() * 100))
      while (world.dead) {
        await world.restart()
        await world.advance(Math.floor(random.next() * 100))
      }
    }
    calm = true
    await checkCopied(world, seed)
    await world.close()
  }
  expect([...met].sort(), 'every fate was met').toEqual([...fates].sort())
})
