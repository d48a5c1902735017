// P2 again: a checkpoint never passes an unhandled event. Reads fail, are cut off and filtered, commits are refused, fail or are lost with
// their process, in any order that a seed gives.

import { defineEvent, defineService, TidingsError } from 'tidings'
import { createSeededRandom } from 'tidings/memory'
import type { Broker, CommitUnit } from 'tidings/ports'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { publishedBy } from './systems/fulfilment.ts'
import { deskWith, type Letter, LetterSent, lettersRead, SendLetters } from './systems/letters.ts'

const Other = defineEvent('test.other-sent', { owner: 'post', pattern: 'notification' })
  .version(1, z.object({ to: z.string() }))
  .key(({ to }) => to)

/** Sends letters with many events between them that the desk does not handle. */
const postDefinition = defineService('post', { publishes: [LetterSent, Other] })
const crowdedPost = postDefinition.with({
  send: postDefinition.command(SendLetters, { publishes: [LetterSent, Other] }, ({ letters }, { publish }) => {
    for (const letter of letters) {
      for (let number = 0; number < letter.number % 4; number++) publish(Other, { to: letter.to })
      publish(LetterSent, letter)
    }
  }),
})

const keys = ['a', 'b', 'c']
const lettersPerKey = 8

/** Everything that can go wrong around a read or a commit of the desk; a seed decides, and it ends with `calm`. */
function troubles(seed: number, world: () => World) {
  const random = createSeededRandom(seed)
  const state = { calm: false, met: new Set<string>() }
  const happens = (what: string, oneIn: number) => {
    const does = !state.calm && random.next() * oneIn < 1
    if (does) state.met.add(what)
    return does
  }
  const unavailable = () => new TidingsError('BROKER_UNAVAILABLE', 'The broker went away.')
  const broker = (inner: Broker): Broker => ({
    ...inner,
    read: async (source, request) => {
      if (source !== 'post') return inner.read(source, request)
      if (happens('a read fails', 6)) throw unavailable()
      const limit = happens('a read is cut off', 3) ? 1 : request.limit
      const page = await inner.read(source, { ...request, limit })
      if (happens('an answer is lost', 6)) throw unavailable()
      return page
    },
  })
  const ofDesk = (service: string, unit: CommitUnit) => service === 'desk' && unit.events.length > 0
  const between: Between = {
    broker,
    beforeCommit: ({ service, unit }) => {
      if (!ofDesk(service, unit)) return
      if (unit.events.length > 1 && happens('a batch is refused', 2))
        throw new TidingsError('PAYLOAD_TOO_LARGE', 'That is too much for one commit.')
      if (happens('a commit fails', 6)) throw new TidingsError('STORE_UNAVAILABLE', 'The disk went away.')
      if (happens('dies before a commit', 8)) world().kill()
    },
    afterCommit: ({ service, unit }) => {
      if (!ofDesk(service, unit)) return
      if (happens('dies after a commit', 8)) world().kill()
      else if (happens('the answer to a commit is lost', 6))
        throw new TidingsError('STORE_UNAVAILABLE', 'The answer was lost.')
    },
  }
  const fails = ({ number }: Letter) => number % 3 === 0 && happens('a handler fails', 3)
  return { state, between, fails }
}

async function troubled(kind: EngineKind, seeds: number, spoil?: Between['spoil']): Promise<void> {
  const met = new Set<string>()
  for (let seed = 1; seed <= seeds; seed++) {
    const { state, between, fails } = troubles(seed, () => world)
    const onLetter = (letter: Letter) => {
      if (fails(letter)) throw new Error('not now')
    }
    const limits = { batchCountMax: 5, retryDelayMs: 10, retryDelayMsMax: 50, attemptsMax: 50, crashesMax: 1_000 }
    const world: World = await createWorld(kind, [crowdedPost, deskWith({ onLetter, limits })], {
      ...between,
      ...(spoil === undefined ? {} : { spoil }),
    })
    for (let number = 1; number <= lettersPerKey; number++) {
      const letters = keys.map((to) => ({ to, number }))
      const options = { idempotencyKey: String(number) }
      await world.run(world.system.service('post').command('send-letters', { letters }, options))
      await world.advance(20)
      for (let lives = 0; world.dead && lives < 20; lives++) {
        await world.restart()
        // It was killed before it answered: sent again under its key, the command is answered, not executed again.
        await world.run(world.system.service('post').command('send-letters', { letters }, options))
        await world.advance(20)
      }
    }
    state.calm = true
    if (world.dead) await world.restart()
    await world.settle()
    const all = Array.from({ length: lettersPerKey }, (_, index) => index + 1)
    expect(await lettersRead(world), `seed ${seed}`).toEqual({ a: all, b: all, c: all })
    expect(await publishedBy(world, 'desk'), `seed ${seed}`).toHaveLength(keys.length * lettersPerKey)
    await world.close()
    for (const trouble of state.met) met.add(trouble)
  }
  expect([...met].sort(), 'each trouble was met').toEqual([
    'a batch is refused',
    'a commit fails',
    'a handler fails',
    'a read fails',
    'a read is cut off',
    'an answer is lost',
    'dies after a commit',
    'dies before a commit',
    'the answer to a commit is lost',
  ])
}

promise(
  'P2',
  'failed, short and filtered reads and failed commits never move a checkpoint past an unhandled event [trap: progress-too-far]',
  (kind) => troubled(kind, kind.name === 'SQLite' ? 10 : 30),
)
brokenPromise('P2', 'an engine that leaves an event out of a commit', (kind) =>
  troubled(kind, 10, (unit) =>
    unit.events.length > 2 && unit.events[0]?.source === 'desk' ? { ...unit, events: unit.events.slice(1) } : unit,
  ),
)
