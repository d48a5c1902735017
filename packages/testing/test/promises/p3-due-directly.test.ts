// P3, P4 and P5 for what is due and handled directly from the schedule, without having been moved into its queue: whatever it meets, it has its effect
// once, and holds up nothing else.

import { TidingsError } from 'tidings'
import { deferredEvents, listTimers, pendingEffects } from 'tidings/operations'
import type { BlockedRun } from 'tidings/runtime'
import { expect } from 'vitest'
import { promise } from './setup/promise-test.ts'
import { createWorld, type PassingCommit, type World } from './setup/world.ts'
import { clockworkWith, rung, wind } from './systems/clockwork.ts'
import { rowsOf } from './systems/fulfilment.ts'

const second = 1_000

/** What is due hangs if it has such a name, until it is let go. */
class Hanging {
  readonly begun: string[] = []
  readonly #waiting: (() => void)[] = []
  readonly #hangs: (id: string) => boolean

  constructor(hangs: (id: string) => boolean) {
    this.#hangs = hangs
  }

  readonly wait = (id: string): Promise<void> | undefined => {
    this.begun.push(id)
    return this.#hangs(id) ? new Promise((resolve) => this.#waiting.push(resolve)) : undefined
  }

  letGo(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  timesOf(id: string): number {
    return this.begun.filter((one) => one === id).length
  }
}

const isMove = ({ unit }: PassingCommit) =>
  unit.rows.some(({ table, row }) => table === 'tidings.queues' && row !== null)
const isHandled = ({ unit }: PassingCommit) =>
  unit.rows.some(({ table, row }) => table === 'tidings.agenda' && row === null)
const statesOf = async (world: World) =>
  (await listTimers(world.system.service('clockwork'))).timers.map(({ key, state }) => `${key} ${state}`).sort()

promise('P3', 'what is due is handled in one commit, and leaves no row behind', async (kind) => {
  const passed: PassingCommit[] = []
  let kept = false
  const world = await createWorld(kind, [clockworkWith()], {
    beforeCommit: (commit) => {
      if (kept) passed.push(commit)
    },
  })
  await wind(world, ['first'], second)
  await world.advance(2 * second)
  await wind(world, ['a', 'b', 'c'], second)
  kept = true
  await world.advance(2 * second)
  expect(await rung(world)).toEqual({ first: 1, a: 1, b: 1, c: 1 })
  expect(passed.map(isHandled)).toEqual([true])
  expect(passed.map(isMove)).toEqual([false])
  expect(await rowsOf(world, 'clockwork', 'tidings.agenda')).toEqual([])
  expect(await rowsOf(world, 'clockwork', 'tidings.queues')).toEqual([])
  await world.close()
})

promise(
  'P3',
  'a timer whose function goes on after its batch runs once, and so does an effect [trap: slow-key]',
  async (kind) => {
    const hanging = new Hanging((id) => id === 'a' || id === 'oil')
    const world = await createWorld(kind, [
      clockworkWith({ onRing: (id) => hanging.wait(id) ?? world.pause(1), onOil: hanging.wait }),
    ])
    // The functions are known to wait, so that the next batch runs its keys in parallel from the start.
    await wind(world, ['x', 'y'], second)
    await world.advance(3 * second)
    await wind(world, ['a', 'b'], second, true)
    await world.advance(4 * second)
    expect(await statesOf(world)).toEqual(['a running'])
    const { effects } = await pendingEffects(world.system.service('clockwork'))
    expect(effects).toMatchObject([{ name: 'oil', state: 'running' }])
    hanging.letGo()
    await world.settle()
    expect(await rung(world)).toEqual({ x: 1, y: 1, a: 1, b: 1 })
    expect([hanging.timesOf('a'), hanging.timesOf('oil')]).toEqual([1, 1])
    expect(await rowsOf(world, 'clockwork', 'tidings.queues')).toEqual([])
    expect(await rowsOf(world, 'clockwork', 'tidings.agenda')).toEqual([])
    await world.close()
  },
)

promise(
  'P3',
  'if a batch of timers cannot be committed at first, each fires once, whatever was cancelled in the meantime [trap: slow-key]',
  async (kind) => {
    const hanging = new Hanging((id) => id === 'b')
    let isFull = false
    let refused = 0
    const world: World = await createWorld(
      kind,
      [clockworkWith({ onRing: (id) => hanging.wait(id) ?? world.pause(1), limits: { retryDelayMs: 3 * second } })],
      {
        beforeCommit: ({ unit }) => {
          if (!isFull || !unit.rows.some(({ table, key }) => table === 'tidings.progress' && key === 'main/~timers'))
            return
          refused++
          throw new TidingsError('STORE_UNAVAILABLE', 'The disk is full.')
        },
        holdCommit: (commit) => {
          if (refused === 0 || !isMove(commit) || isStopped) return undefined
          isStopped = true
          return world.system.service('clockwork').command('stop', { id: 'a' })
        },
      },
    )
    let isStopped = false
    await wind(world, ['x', 'y'], second)
    await world.advance(3 * second)
    await wind(world, ['a', 'b', 'c', 'd'], second)
    isFull = true
    await world.advance(2.5 * second)
    expect(refused).toBeGreaterThan(0)
    isFull = false
    await world.advance(20 * second)
    hanging.letGo()
    await world.settle()
    expect(isStopped, 'cancelled before it was moved').toBe(true)
    expect(await rung(world)).toEqual({ x: 1, y: 1, b: 1, c: 1, d: 1 })
    expect(hanging.timesOf('b'), 'it was not begun again').toBe(1)
    await world.close()
  },
)

/** A service that handles at most four at a time, and waits for them for a minute. */
function patientWith(hanging: Hanging, world: () => World, oiled: number[]) {
  return clockworkWith({
    onRing: (id) => hanging.wait(id) ?? world().pause(1),
    onOil: () => oiled.push(world().clock.now()),
    limits: { batchCountMax: 4, batchMsMax: 60 * second, handlerTimeoutMs: 60 * second },
  })
}

promise(
  'P5',
  'many timers that take long and are due at once hold up no effect that is due after them [trap: slow-key]',
  async (kind) => {
    const hanging = new Hanging((id) => id.startsWith('slow'))
    const oiled: number[] = []
    const world: World = await createWorld(kind, [patientWith(hanging, () => world, oiled)])
    await wind(world, ['x', 'y'], second)
    await world.advance(3 * second)
    const names = Array.from({ length: 9 }, (_, index) => `slow ${index}`)
    await wind(world, names, second, true)
    await world.advance(3 * second)
    expect(oiled, 'the effect').toHaveLength(1)
    for (let rounds = 0; rounds < 3; rounds++) {
      hanging.letGo()
      await world.advance(second)
    }
    await world.settle()
    expect(await rung(world)).toEqual({ x: 1, y: 1, ...Object.fromEntries(names.map((name) => [name, 1])) })
    expect(new Set(names.map((name) => hanging.timesOf(name)))).toEqual(new Set([1]))
    await world.close()
  },
)

promise(
  'P5',
  'timers that are being handled hold up no effect that comes due, and are not begun again [trap: slow-key]',
  async (kind) => {
    const hanging = new Hanging((id) => id.startsWith('slow'))
    const oiled: number[] = []
    const world: World = await createWorld(kind, [patientWith(hanging, () => world, oiled)])
    await wind(world, ['x', 'y'], second)
    await world.advance(3 * second)
    await wind(world, ['slow 1', 'slow 2', 'slow 3'], second)
    await world.advance(2 * second)
    expect(await statesOf(world)).toEqual(['slow 1 due', 'slow 2 due', 'slow 3 due'])
    await wind(world, ['a', 'b'], second, true)
    await world.advance(5 * second)
    expect(oiled, 'the effect').toHaveLength(1)
    const more = ['c', 'd', 'e', 'f', 'g']
    await wind(world, more, second)
    await world.advance(2 * second)
    hanging.letGo()
    await world.settle()
    const fired = ['x', 'y', 'slow 1', 'slow 2', 'slow 3', 'a', 'b', ...more]
    expect(await rung(world)).toEqual(Object.fromEntries(fired.map((name) => [name, 1])))
    expect(hanging.timesOf('slow 1')).toBe(1)
    await world.close()
  },
)

promise(
  'P5',
  'a timer whose function ends its process is recognised after some restarts, and parked alone [trap: poison, timers]',
  async (kind) => {
    const world: World = await createWorld(kind, [
      clockworkWith({
        onRing: (id) => {
          if (id === 'b') world.kill()
        },
        limits: { crashesMax: 3 },
      }),
    ])
    await wind(world, ['a', 'b', 'c'], second)
    await world.advance(2 * second)
    let deaths = 0
    for (; world.dead && deaths < 12; deaths++) {
      await world.restart()
      await world.settle()
    }
    expect(deaths, 'found out after a bounded number of deaths').toBeLessThanOrEqual(4)
    expect(await rung(world), 'all others fire').toEqual({ a: 1, c: 1 })
    const clockwork = world.system.service('clockwork')
    expect(deferredEvents(clockwork)).toMatchObject([{ state: 'parked', error: { code: 'PROCESS_KILLED' } }])
    expect(await statesOf(world)).toEqual(['b parked'])
    await world.close()
  },
)

promise(
  'P5',
  'a timer is not blamed for the end of a process because it has come to the place of another one [trap: poison, timers]',
  async (kind) => {
    const hanging = new Hanging((id) => id === 'b')
    const blockedRuns = new Map<string, BlockedRun>()
    const services = [clockworkWith({ onRing: hanging.wait, limits: { crashesMax: 1 } })]
    const world: World = await createWorld(kind, services, {}, { blockedRuns })
    await wind(world, ['a', 'b', 'c'], second)
    await world.advance(1.5 * second)
    expect(hanging.begun).toContain('b')
    await world.run(world.system.service('clockwork').command('stop', { id: 'a' }))
    world.kill()
    hanging.letGo()
    // The watchdog has seen that b, at the second place, blocked the thread. Without a, c is there.
    const place = { subscriber: 'main', source: '~timers', position: '0000000000000002', isMarked: false }
    const work = { service: 'clockwork', kind: 'delivery', name: 'ring', id: 'timer/-/ring/b', ...place } as const
    blockedRuns.set('clockwork', { since: world.clock.now(), blockedMs: 20 * second, work })
    await world.restart()
    await world.advance(second)
    hanging.letGo()
    await world.settle()
    expect(await rung(world)).toEqual({ b: 1, c: 1 })
    expect(deferredEvents(world.system.service('clockwork'))).toEqual([])
    await world.close()
  },
)
