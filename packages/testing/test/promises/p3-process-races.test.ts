// P3 for process managers: of two concurrent inputs one decides after the other, and an attempt that decides again leaves nothing behind.

import {
  defineCommand,
  defineDecider,
  defineEffect,
  defineEvent,
  defineService,
  fact,
  type Service,
  timer,
} from 'tidings'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { publishedBy } from './systems/fulfilment.ts'

const Knocked = defineEvent('test.knocked', { owner: 'street', pattern: 'notification' })
  .version(1, z.object({ door: z.string(), number: z.number() }))
  .key(({ number }) => String(number))
const Opened = defineEvent('test.door-opened', { owner: 'house', pattern: 'notification' })
  .version(1, z.object({ door: z.string(), count: z.number() }))
  .key(({ door }) => door)
const Knock = defineCommand('knock', { input: z.object({ door: z.string(), numbers: z.array(z.number()) }) })

const RingBell = defineCommand('ring-bell', { input: z.object({ door: z.string() }), key: ({ door }) => door })
const bell = defineDecider('bell', {
  commands: { RingBell },
  facts: { rang: fact(z.object({})) },
  initialState: () => 0,
  decide: { RingBell: (_input, _state, { facts }) => facts.rang({}) },
  evolve: { rang: (count) => count + 1 },
})
const Greet = defineEffect('greet', { input: z.object({ door: z.string() }), key: ({ door }) => door })

/** A process that opens a door at the third knock and uses everything that a process can do. Each knock has its own key, so they run side by side. */
function doorServices(pause: () => Promise<void>, greeted: (door: string) => void): readonly Service[] {
  const street = defineService('street', { publishes: [Knocked] })
  const house = defineService('house', { publishes: [Opened] })
  const door = house
    .process('door', {
      facts: { knocked: fact(z.object({ number: z.number() })) },
      initialState: () => 0,
      evolve: { knocked: (count: number) => count + 1 },
      timers: { close: timer() },
      publishes: [Opened],
      requests: [Greet],
      executes: [RingBell],
    })
    .starts(
      Knocked,
      (knock) => knock.door,
      async ({ number }, { state, facts, publish, request, execute, timers, key }) => {
        await pause()
        if (state === 2) {
          publish(Opened, { door: key, count: state + 1 })
          request(Greet, { door: key })
          await execute(RingBell, { door: key })
          timers.close.after({ seconds: 5 })
        }
        return facts.knocked({ number })
      },
    )
    .due('close', (_nothing, { facts }) => facts.knocked({ number: 0 }))
  return [
    street.with({
      knock: street.command(Knock, { publishes: [Knocked] }, ({ door: at, numbers }, { publish }) => {
        for (const number of numbers) publish(Knocked, { door: at, number })
      }),
    }),
    house.with({
      door,
      bell: house.decider(bell),
      greet: house.effect(Greet, { perform: ({ door: at }) => greeted(at) }),
    }),
  ]
}

async function knocksAtOnce(kind: EngineKind): Promise<void> {
  const greeted: string[] = []
  const world: World = await createWorld(
    kind,
    doorServices(
      () => world.pause(3),
      (at) => greeted.push(at),
    ),
  )
  await world.run(world.system.service('street').command('knock', { door: 'front', numbers: [1, 2, 3, 4, 5] }))
  await world.settle()
  await world.advance(10_000)
  await world.settle()
  const { store } = world.system.service('house')
  const { facts } = await store.readFacts({ after: '', limit: 100 })
  const of = (category: string) => facts.filter((each) => each.category === category)
  expect(of('door').map(({ streamVersion }) => streamVersion)).toEqual([1, 2, 3, 4, 5, 6])
  expect(await publishedBy(world, 'house'), 'published once, at the third').toEqual(['test.door-opened front'])
  expect(of('bell'), 'done once').toHaveLength(1)
  expect(greeted, 'asked once').toEqual(['front'])
  expect(of('door').at(-1)?.data, 'set once').toBe('{"number":0}')
  await world.close()
}

promise(
  'P3',
  'concurrent inputs of one instance decide one after the other, and what they publish, request and execute happens once [trap: process-race]',
  (kind) => knocksAtOnce(kind),
)
