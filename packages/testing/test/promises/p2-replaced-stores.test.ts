// P2 for a store that was replaced without a restore, by hand or because a power cut undid its last commits: its epoch is the same, and it may
// have grown past the place that was heard. Its consumers stop instead of passing over its new events.

import { defineEvent, defineService } from 'tidings'
import { acceptEpoch, deferredEvents } from 'tidings/operations'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type EngineKind, engines } from './setup/engines.ts'
import { createWorld, type World } from './setup/world.ts'
import { deskWith, type Letter, lettersRead, post, sendLetters } from './systems/letters.ts'

const desk = deskWith()

/** Hears something that the post never publishes. */
const LetterLost = defineEvent('test.letter-lost', { owner: 'post', pattern: 'notification' })
  .version(1, z.object({ to: z.string() }))
  .key(({ to }) => to)
const lostAndFoundOf = defineService('lost-and-found')
const lostAndFound = lostAndFoundOf.with({ noteLost: lostAndFoundOf.on(LetterLost, () => {}) })

const direct = engines.filter(({ name }) => name !== 'memory, relayed')

function expectReplaced(world: World): void {
  const { subscriptions } = world.system.service('desk').status
  expect(subscriptions[0]).toMatchObject({ state: 'stopped', error: { code: 'EPOCH_CHANGED' } })
  expect(subscriptions[0]?.error?.message).toMatch(
    /The history of post was replaced: at 0+3, main of desk has read event \S+,/,
  )
  expect(subscriptions[0]?.error?.hint).toContain('npx tidings accept desk post --from now')
}

async function copyOfPost(world: World): Promise<() => Promise<void>> {
  return world.engine.copy('post', world.system.service('post').status.epoch)
}

async function replaced(kind: EngineKind, services = [post, desk], lost = ['a2', 'a3']): Promise<World> {
  const world = await createWorld(kind, services)
  await sendLetters(world, 'a1')
  await world.advance(100)
  const putBack = await copyOfPost(world)
  await sendLetters(world, ...lost)
  await world.advance(100)
  // It grows past the old place before anybody reads it again.
  await world.restart([post], putBack)
  await sendLetters(world, 'a7', 'a8', 'a9')
  await world.restart(services)
  await world.advance(60_000)
  return world
}

for (const kind of direct) {
  test(`P2 (${kind.name}): a store put back by hand that has grown past the old place stops its consumers [trap: restored-store]`, async () => {
    const world = await replaced(kind)
    expectReplaced(world)
    expect(await lettersRead(world), 'nothing more is heard, and nothing is passed over').toEqual({ a: [1, 2, 3] })
    await world.restart()
    await world.advance(60_000)
    expectReplaced(world)
    const kept = await world
      .run(acceptEpoch(world.system.service('desk'), 'post', 'kept'))
      .catch((error: unknown) => error)
    expect(kept, 'nobody knows where the new events begin').toMatchObject({ code: 'EPOCH_CHANGED' })
    await world.run(acceptEpoch(world.system.service('desk'), 'post', 'now'))
    await sendLetters(world, 'a10')
    await world.restart()
    await world.settle()
    expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, 10] })
    await world.close()
  })

  test(`P2 (${kind.name}): a store put back by hand, accepted from the beginning: all that it has is delivered`, async () => {
    const world = await replaced(kind)
    await world.run(acceptEpoch(world.system.service('desk'), 'post', 'beginning'))
    await world.settle()
    expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, 1, 7, 8, 9] })
    await world.close()
  })

  test(`P2 (${kind.name}): a store that grows past events that a consumer only read past is noticed too`, async () => {
    const world = await createWorld(kind, [post, lostAndFound])
    await sendLetters(world, 'a1')
    await world.settle()
    const putBack = await copyOfPost(world)
    await sendLetters(world, 'a2', 'a3')
    await world.settle()
    await world.restart([post], putBack)
    await sendLetters(world, 'a7', 'a8', 'a9')
    await world.restart([post, lostAndFound])
    await world.advance(60_000)
    expect(world.system.service('lost-and-found').status.subscriptions[0]).toMatchObject({
      state: 'stopped',
      error: { code: 'EPOCH_CHANGED' },
    })
    await world.close()
  })

  test(`P2 (${kind.name}): the right store put in its place again lets its consumers go on by themselves`, async () => {
    const world = await createWorld(kind, [post, desk])
    await sendLetters(world, 'a1')
    await world.settle()
    const older = await copyOfPost(world)
    await sendLetters(world, 'a2', 'a3')
    await world.settle()
    const newer = await copyOfPost(world)
    await world.restart([post], older)
    await sendLetters(world, 'a7', 'a8', 'a9')
    await world.restart([post, desk])
    await world.advance(60_000)
    expectReplaced(world)
    await world.restart([post, desk], newer)
    await sendLetters(world, 'a4')
    await world.settle()
    expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, 4] })
    await world.close()
  })

  test(`P2 (${kind.name}): a deferred event whose place has another event is not handled as that one`, async () => {
    const onLetter = ({ number }: Letter) => {
      if (number < 5) throw new Error('no')
    }
    const choosy = [post, deskWith({ onLetter, limits: { attemptsMax: 1_000, retryDelayMs: 1_000 } })]
    const world = await replaced(kind, choosy, ['b2', 'c3'])
    expect(world.system.service('desk').status.subscriptions[0]).toMatchObject({ error: { code: 'EPOCH_CHANGED' } })
    expect(await lettersRead(world)).toEqual({})
    await world.run(acceptEpoch(world.system.service('desk'), 'post', 'now'))
    const kept = deferredEvents(world.system.service('desk')).map(({ position }) => Number(position))
    expect(kept, 'what the store has kept stays deferred').toEqual([1])
    await world.close()
  })
}

test('P2 (memory, relayed): a relay does not continue after events that its store never had', async () => {
  const [relayed] = engines.filter(({ name }) => name === 'memory, relayed')
  const world = await replaced(relayed as EngineKind)
  expect(world.system.service('post').status.outbox?.error).toMatchObject({ code: 'EPOCH_CHANGED' })
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 3] })
  await world.close()
})
