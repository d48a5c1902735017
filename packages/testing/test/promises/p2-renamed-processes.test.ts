// P2, P3 and P4 for a process manager that was renamed: it takes over its instances, their timers and what is parked for them, and handles nothing again.

import { defineEvent, defineService, defineTable, fact, type Service, timer } from 'tidings'
import { deferredEvents, listProcesses, listTimers, redrive, showProcess } from 'tidings/operations'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { killSweep } from './setup/kill-sweep.ts'
import { promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'
import { LetterSent, post, sendLetters } from './systems/letters.ts'

const Reminded = defineEvent('test.reminded', { owner: 'desk', pattern: 'notification' })
  .version(1, z.object({ to: z.string(), numbers: z.array(z.number()) }))
  .key(({ to }) => to)
const counted = defineTable('counted')
  .version(1, z.object({ to: z.string(), count: z.number() }))
  .key(({ to }) => to)

interface Named {
  readonly was?: string
  readonly subscriber?: string
  readonly from?: 'beginning' | 'now'
  /** These letters fail, and the reminders of these recipients. */
  readonly fails?: readonly string[]
}

/** A desk whose process manager has this name: it notes each letter, and reminds a minute after the first. Letter 0 ends an instance. */
function deskOf(name: string, { fails = [], ...spec }: Named = {}): Service {
  const desk = defineService('desk', {
    publishes: [Reminded],
    readModels: { counted },
    limits: { attemptsMax: 1, pollMs: 86_400_000 },
  })
  const following = desk
    .process(name, {
      ...spec,
      facts: { heard: fact(z.object({ number: z.number() })) },
      initialState: () => ({ numbers: [] as readonly number[] }),
      evolve: { heard: ({ numbers }, { number }) => ({ numbers: [...numbers, number] }) },
      snapshot: { version: 1, every: 1 },
      timers: { remind: timer() },
      publishes: [Reminded],
    })
    .starts(
      LetterSent,
      ({ to }) => to,
      ({ to, number }, { state, facts, timers, end }) => {
        if (fails.includes(`${to}${number}`)) throw new Error('not this one')
        if (state.numbers.length === 0) timers.remind.after({ minutes: 1 })
        if (number === 0) end()
        return facts.heard({ number })
      },
    )
    .due('remind', (_, { key, state, publish }) => {
      if (fails.includes(key)) throw new Error('not now')
      publish(Reminded, { to: key, numbers: [...state.numbers] })
    })
  return desk.with({
    following,
    counted: desk
      .projection('counted', { writes: ['counted'] })
      .onFact(following.decider, 'heard', async (_, context) => {
        const { tables, fact: meta } = context as unknown as CountContext
        const before = await tables.counted.get(meta.stream)
        tables.counted.put({ to: meta.stream, count: (before?.count ?? 0) + 1 })
      }),
  })
}

interface CountContext {
  readonly fact: { readonly stream: string }
  readonly tables: {
    readonly counted: {
      get(to: string): Promise<{ readonly count: number } | undefined>
      put(row: { readonly to: string; readonly count: number }): void
    }
  }
}

const desk = (world: World) => world.system.service('desk')
const parked = (world: World) =>
  deferredEvents(desk(world)).map(({ subscriber, type, key, state }) => `${subscriber} ${type} ${key} ${state}`)
async function numbersOf(world: World, process: string, key: string) {
  const { state, steps } = await showProcess(desk(world), process, key)
  expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1))
  return state as { numbers: readonly number[] }
}
async function reminders(world: World): Promise<readonly string[]> {
  const { events } = await desk(world).store.readEventLog({ after: '', limit: 100 })
  return events.map(({ data }) => JSON.parse(data ?? 'null')).map(({ to, numbers }) => `${to}: ${numbers.join(' ')}`)
}
async function redriveAll(world: World) {
  await world.run(redrive(desk(world), {}, { dryRun: false }))
  await world.settle()
}

promise(
  'P2 P3',
  'a process manager that is renamed and says what it was keeps its instances, its place and its parked events [trap: parked-swallowed]',
  async (kind) => {
    const world = await createWorld(kind, [post, deskOf('follow', { fails: ['c3'] })])
    await sendLetters(world, 'a1', 'b2', 'c3', 'c4', 'e7', 'e0')
    await world.settle()
    expect(parked(world)).toEqual(['follow test.letter-sent c parked', 'follow test.letter-sent c blocked'])
    await world.restart([post, deskOf('chase', { was: 'follow' })])
    await sendLetters(world, 'c5', 'a6')
    await world.settle()
    expect(await numbersOf(world, 'chase', 'a')).toEqual({ numbers: [1, 6] })
    expect(await numbersOf(world, 'chase', 'b')).toEqual({ numbers: [2] })
    expect(parked(world), 'a later letter of the instance waits behind the parked one').toEqual([
      'chase test.letter-sent c parked',
      'chase test.letter-sent c blocked',
      'chase test.letter-sent c blocked',
    ])
    await redriveAll(world)
    expect(await numbersOf(world, 'chase', 'c')).toEqual({ numbers: [3, 4, 5] })
    const { instances } = await listProcesses(desk(world))
    expect(instances.map(({ process, key, state, run }) => `${process} ${key} ${state} ${run}`)).toEqual([
      'chase a running 1',
      'chase b running 1',
      'chase c running 1',
      'chase e ended 1',
    ])
    expect((await listProcesses(desk(world), { process: 'chase', state: 'running' })).instances).toHaveLength(3)
    // The old name may go, once the service has started.
    await world.restart([post, deskOf('chase')])
    await sendLetters(world, 'e8', 'a9')
    await world.settle()
    expect(await numbersOf(world, 'chase', 'a')).toEqual({ numbers: [1, 6, 9] })
    expect(await numbersOf(world, 'chase', 'e'), 'an ended instance is started again').toEqual({ numbers: [8] })
    expect(await rowsOf(world, 'desk', 'counted@1'), 'no fact is read twice').toEqual([
      { to: 'a', count: 3 },
      { to: 'b', count: 1 },
      { to: 'c', count: 3 },
      { to: 'e', count: 2 },
      { to: 'e#2', count: 1 },
    ])
    await world.close()
  },
)

promise(
  'P2 P3',
  'the timers of a process manager that is renamed come due once, those that are parked are redriven, and it can cancel them',
  async (kind) => {
    const world = await createWorld(kind, [post, deskOf('follow', { fails: ['b'] })])
    await sendLetters(world, 'a1', 'b2')
    await world.advance(61_000)
    await sendLetters(world, 'c3', 'd4')
    await world.settle()
    expect(await reminders(world)).toEqual(['a: 1'])
    expect(parked(world)).toEqual(['follow follow.remind b parked'])
    await world.restart([post, deskOf('chase', { was: 'follow' })])
    expect(parked(world)).toEqual(['chase chase.remind b parked'])
    const { timers } = await listTimers(desk(world))
    expect(timers.map(({ process, key, state }) => `${process} ${key} ${state}`).sort()).toEqual([
      'chase b parked',
      'chase c set',
      'chase d set',
    ])
    await world.restart([post, deskOf('chase')])
    await sendLetters(world, 'd0')
    await redriveAll(world)
    await world.advance(61_000)
    await world.settle()
    expect((await reminders(world)).toSorted()).toEqual(['a: 1', 'b: 2', 'c: 3'])
    expect(parked(world)).toEqual([])
    expect(world.lines.filter(({ message }) => message.startsWith('Due timers are kept'))).toEqual([])
    await world.close()
  },
)

promise('P2', 'a process manager in a subscriber with another name keeps both when it is renamed', async (kind) => {
  const shared = { subscriber: 'letters' }
  const world = await createWorld(kind, [post, deskOf('follow', { ...shared, fails: ['a2'] })])
  await sendLetters(world, 'a1', 'a2', 'b3')
  await world.settle()
  await world.restart([post, deskOf('chase', { ...shared, was: 'follow' })])
  await world.restart([post, deskOf('chase', shared)])
  await sendLetters(world, 'a4')
  await world.settle()
  expect(parked(world)).toEqual(['letters test.letter-sent a parked', 'letters test.letter-sent a blocked'])
  await redriveAll(world)
  await world.advance(61_000)
  expect(await reminders(world)).toEqual(['a: 1 2 4', 'b: 3'])
  await world.close()
})

promise('P1 P2', 'a rename that is killed at any commit of its start goes on at the next one', (kind) =>
  killSweep(
    kind,
    {
      services: () => [post, deskOf('follow', { fails: ['b2', 'a'] })],
      later: () => [post, deskOf('chase', { was: 'follow' })],
      prepare: async (world) => {
        await sendLetters(world, 'a1')
        await world.advance(61_000)
        await sendLetters(world, 'b2', 'b3', 'c4')
        await world.settle()
      },
      run: async (world) => {
        await world.restart([post, deskOf('chase', { was: 'follow' })])
        if (!world.dead) await redriveAll(world)
        // Whoever is killed before is started again before the reminders are due, so what they say does not depend on what was redriven by then.
        if (!world.dead) await world.advance(61_000)
      },
      outcome: async (world) => {
        const { instances } = await listProcesses(desk(world))
        const keys = instances.map(({ process, key, steps }) => `${process} ${key} ${steps}`)
        return { parked: parked(world), keys, reminders: (await reminders(world)).toSorted() }
      },
    },
    3,
  ),
)

promise(
  'P3',
  'a process manager that has instances under both names is refused, and nothing is moved',
  async (kind) => {
    const world = await createWorld(kind, [post, deskOf('follow')])
    await sendLetters(world, 'a1')
    await world.settle()
    await world.restart([post, deskOf('chase')])
    await world.settle()
    expect(world.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'Instances are kept of a process manager that no longer exists',
        fields: expect.objectContaining({ process: 'follow', hint: expect.stringContaining("`was: 'follow'`") }),
      }),
    )
    await expect(world.restart([post, deskOf('chase', { was: 'follow' })])).rejects.toMatchObject({
      code: 'DUPLICATE_NAME',
      message:
        'Process chase of desk says that it was follow, but there are instances of both, so it cannot take over those of follow.',
    })
    await world.restart([post, deskOf('chase')])
    expect((await listProcesses(desk(world))).instances.map(({ process }) => process)).toEqual(['chase', 'follow'])
    await world.close()
  },
)

test('an old name of a process manager that another one has is refused', () => {
  const definition = defineService('desk')
  const process = (name: string, was?: string) =>
    definition.process(name, { facts: {}, initialState: () => ({}), ...(was === undefined ? {} : { was }) }).starts(
      LetterSent,
      ({ to }) => to,
      () => {},
    )
  const both = () => definition.with({ one: process('one'), two: process('two', 'one') })
  expect(both).toThrow(
    'Process two of desk says that it was one, which is the name of a process or decider, now or before.',
  )
  expect(() => process('two', 'Not A Name')).toThrow('Not A Name')
})
