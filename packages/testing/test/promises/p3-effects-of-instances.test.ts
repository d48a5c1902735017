// P3 for the effects of instances that share a store: an instance that dies costs at most one extra performance of each effect that it was at, one
// that hands over costs none, and nobody performs an effect that another may still be at.

import { TidingsError } from 'tidings'
import { pendingEffects, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import { engines, sharedEngines } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { createWorld } from './setup/world.ts'
import { endsWhile, hanging, leaseMs, starts, threeHundred, till, tills, timeoutMs } from './systems/tills.ts'

for (const when of ['before', 'after'] as const)
  promise(
    'P3',
    `an instance that dies ${when} the start of an effect is committed has not performed it, and another does, once [trap: effects-of-instances]`,
    async (kind) => {
      const { performed, second, begun, by, takeOver, counts, left, close } = await endsWhile(kind, {
        committing: (tables, moment, instance) => {
          if (tables.has(starts) && moment === when) instance.kill()
        },
      })
      await takeOver()
      expect(by()).toEqual(['b'])
      const waitedMs = (performed[0]?.at ?? 0) - begun
      if (when === 'after') expect(waitedMs, 'it may have been performed').toBeGreaterThanOrEqual(timeoutMs)
      else expect(waitedMs, 'nobody has begun it').toBeLessThan(timeoutMs)
      expect(await counts(second)).toEqual({ one: 1 })
      expect(await left(second)).toEqual([])
      await close(second)
    },
    sharedEngines,
  )

for (const when of ['before', 'after'] as const)
  promise(
    'P3',
    `an instance that dies ${when} the outcome of an effect is committed costs ${when === 'before' ? 'one more performance, when the time of the first has passed' : 'no more performance'} [trap: effects-of-instances]`,
    async (kind) => {
      const { performed, second, begun, by, takeOver, counts, left, close } = await endsWhile(kind, {
        committing: (tables, moment, instance) => {
          if (tables.has('charges') && moment === when) instance.kill()
        },
      })
      await takeOver()
      expect(by()).toEqual(when === 'before' ? ['a', 'b'] : ['a'])
      if (when === 'before') expect((performed[1]?.at ?? 0) - begun).toBeGreaterThanOrEqual(timeoutMs)
      expect(await counts(second)).toEqual({ one: 1 })
      expect(await left(second)).toEqual([])
      await close(second)
    },
    sharedEngines,
  )

promise(
  'P3',
  'an instance that dies while it waits for the other system costs one more performance, when the time of the first has passed [trap: effects-of-instances]',
  async (kind) => {
    const { performed, second, begun, by, takeOver, counts, left, close } = await endsWhile(kind, {
      perform: async (instance) => {
        instance.kill()
        return new Promise(() => {})
      },
    })
    await takeOver()
    expect(by()).toEqual(['a', 'b'])
    expect((performed[1]?.at ?? 0) - begun).toBeGreaterThanOrEqual(timeoutMs)
    expect(await counts(second)).toEqual({ one: 1 })
    expect(await left(second)).toEqual([])
    await close(second)
  },
  sharedEngines,
)

promise(
  'P9',
  'who has begun an effect, when, and what another waits for can be seen [trap: effects-of-instances]',
  async (kind) => {
    const { world, second, begun, takeOver, close } = await endsWhile(kind, {
      perform: async (instance) => {
        instance.kill()
        return new Promise(() => {})
      },
    })
    await world.advance(leaseMs)
    const { effects } = await pendingEffects(second.runtime)
    expect(effects).toMatchObject([{ name: 'charge', key: 'one', begun: { by: 'a', timeoutMs } }])
    expect(Math.abs((effects[0]?.begun?.at ?? 0) - begun)).toBeLessThanOrEqual(2)
    const waits = world.lines.filter(({ message }) => message.startsWith('An effect that was begun before'))
    expect(waits.map(({ fields }) => fields)).toMatchObject([{ effect: 'charge', begunBy: 'a' }])
    await takeOver()
    expect((await pendingEffects(second.runtime)).effects).toEqual([])
    await close(second)
  },
  sharedEngines,
)

promise(
  'P5',
  'what one instance has parked just now is redriven through another one [trap: effects-of-instances]',
  async (kind) => {
    const { world, start, ask, counts, close } = await tills(kind)
    const performed: string[] = []
    const refusing = (name: string) =>
      start(name, {
        perform: async () => {
          performed.push(name)
          if (performed.length === 1) throw new TidingsError('EFFECT_REFUSED', 'Not today.')
          return { cents: 5 }
        },
      })
    const [first, second] = [await refusing('a'), await refusing('b')]
    await world.run(world.system.service('till').close())
    await world.advance(3 * leaseMs)
    await ask(first, 'one')
    while (performed.length === 0) await world.advance(1)
    await world.advance(1)
    const other = performed[0] === 'a' ? second : first
    expect(await world.run(redrive(other.runtime, {}, { dryRun: false }))).toHaveLength(1)
    await world.advance(leaseMs)
    expect(performed).toHaveLength(2)
    expect(await counts(other)).toEqual({ one: 1 })
    await close(first, second)
  },
  sharedEngines,
)

promise(
  'P3',
  'an instance that comes back after a pause commits no outcome of what another has performed meanwhile [trap: effects-of-instances]',
  async (kind) => {
    let answer = (_: unknown) => {}
    const { world, first, second, by, takeOver, counts, left, close } = await endsWhile(kind, {
      perform: async (instance) => {
        instance.pause()
        return new Promise((resolve) => {
          answer = resolve
        })
      },
    })
    await takeOver()
    expect(by()).toEqual(['a', 'b'])
    await first.resume()
    answer({ cents: 7 })
    await world.advance(3 * leaseMs)
    expect(by()).toEqual(['a', 'b'])
    expect(await counts(second)).toEqual({ one: 1 })
    expect(await left(second)).toEqual([])
    await close(first, second)
  },
  sharedEngines,
)

for (const pausedMs of [leaseMs + 2_000, timeoutMs + 3 * leaseMs])
  promise(
    'P3',
    `an instance that is paused for ${pausedMs / 1_000} s before it begins an effect does not begin it when it comes back [trap: effects-of-instances]`,
    async (kind) => {
      let pauses = 0
      const { world, performed, first, second, begun, takeOver, counts, close } = await endsWhile(kind, {
        committing: (tables, moment, instance) => {
          if (tables.has(starts) && moment === 'after' && pauses++ === 0) instance.pause()
        },
      })
      await world.advance(pausedMs)
      await first.resume()
      await takeOver()
      expect(performed, 'begun anew, by the one that holds it then').toHaveLength(1)
      expect((performed[0]?.at ?? 0) - begun).toBeGreaterThanOrEqual(timeoutMs)
      expect(await counts(second)).toEqual({ one: 1 })
      await close(first, second)
    },
    sharedEngines,
  )

promise(
  'P3',
  'the time of an effect counts from before its start is committed, so it has ended when another instance may begin it [trap: effects-of-instances]',
  async (kind) => {
    const { world, start, ask, close } = await tills(kind)
    let abortedAt = 0
    hanging.whenPerformed = (signal) => {
      signal.addEventListener('abort', () => {
        abortedAt ||= world.clock.now()
      })
    }
    let pauses = 0
    const instance = await start('a', {
      perform: (_, own) => own(),
      committing: (tables, moment, paused) => {
        if (tables.has(starts) && moment === 'after' && pauses++ === 0) paused.pause()
      },
    })
    await world.run(world.system.service('till').close())
    await world.advance(2 * leaseMs)
    await ask(instance, 'one')
    const begun = world.clock.now()
    await world.advance(3_000)
    await instance.resume()
    await world.advance(timeoutMs + leaseMs)
    expect(abortedAt - begun).toBeGreaterThan(timeoutMs - 3_000)
    expect(abortedAt - begun).toBeLessThanOrEqual(timeoutMs)
    await close(instance)
  },
  sharedEngines,
)

promise(
  'P3',
  'an effect of an instance that is cut off from the store is aborted before another instance performs it [trap: effects-of-instances]',
  async (kind) => {
    const { world, start, ask, counts, performed, close } = await tills(kind)
    let abortedAt = Number.POSITIVE_INFINITY
    hanging.whenPerformed = (signal) => {
      signal.addEventListener('abort', () => {
        abortedAt = world.clock.now()
      })
    }
    const first = await start('a', { perform: (_, own) => own() })
    await world.run(world.system.service('till').close())
    await world.advance(2 * leaseMs)
    await ask(first, 'one')
    const begun = world.clock.now()
    await world.advance(1_000)
    first.cutOff()
    const second = await start('b')
    await world.advance(leaseMs)
    expect(abortedAt - begun).toBeLessThanOrEqual(leaseMs + 1_000)
    expect(performed).toEqual([])
    await world.advance(timeoutMs + leaseMs)
    expect(performed.map(({ by }) => by)).toEqual(['b'])
    expect(await counts(second)).toEqual({ one: 1 })
    await close(second)
  },
  sharedEngines,
)

promise(
  'P3',
  'an instance that gives effects to one that joins ends first those that it is at, however long they take [trap: effects-of-instances]',
  async (kind) => {
    const { world, start, counts, close } = await tills(kind)
    const performed: string[] = []
    const perform = async () => {
      await new Promise<void>((resolve) => world.timeouts.after(timeoutMs - 2_000, resolve))
    }
    const joins = (name: string) =>
      start(name, {
        perform: () => {
          performed.push(name)
          return perform()
        },
      })
    const first = await joins('a')
    await world.run(world.system.service('till').close())
    await world.advance(2 * leaseMs)
    const ids = ['1', '2', '3', '4', '5']
    await world.run(first.runtime.command('ask-all', { ids }))
    await world.advance(1_000)
    const second = await joins('b')
    await world.advance(timeoutMs + leaseMs)
    expect(performed).toEqual(ids.map(() => 'a'))
    expect(Object.values(await counts(second))).toEqual(ids.map(() => 1))
    await world.run(first.runtime.command('ask-all', { ids: ['6', '7', '8', '9', '10'] }))
    await world.advance(timeoutMs + leaseMs)
    expect(new Set(performed.slice(5)), 'then both perform').toEqual(new Set(['a', 'b']))
    expect(performed).toHaveLength(10)
    await close(first, second)
  },
  sharedEngines,
)

promise(
  'P3',
  'an effect that has failed is tried again after its delay, and nobody waits for its start [trap: effects-of-instances]',
  async (kind) => {
    let tries = 0
    const { world, first, second, by, counts, left, close } = await endsWhile(kind, {
      perform: async () => {
        tries++
        throw new Error('busy')
      },
    })
    expect(tries).toBeGreaterThan(1)
    await world.run(first.runtime.close())
    await world.advance(timeoutMs / 2)
    expect(by().slice(tries)).toEqual(['b'])
    expect(await counts(second)).toEqual({ one: 1 })
    expect(await left(second)).toEqual([])
    await close(second)
  },
  sharedEngines,
)

promise(
  'P3',
  'where a store has one writer, an effect begins without a word to the store',
  async (kind) => {
    const commits: string[][] = []
    const world = await createWorld(kind, [till], {
      beforeCommit: ({ unit }) => commits.push(unit.rows.map(({ table }) => table)),
    })
    hanging.whenPerformed = () => {}
    await world.run(world.system.service('till').command('ask-all', { ids: ['one'] }))
    await world.settle()
    expect(await world.system.service('till').store.tableNames()).not.toContain(starts)
    expect(commits.flat()).not.toContain(starts)
    expect(commits.filter((tables) => tables.includes('charges'))).toHaveLength(1)
    await world.close()
  },
  engines,
)

promise(
  'P3',
  'an instance that hands over ends the effect that it is at, and nobody performs it again [trap: effects-of-instances]',
  async (kind) => {
    const { world, first, second, by, takeOver, counts, left, close } = await endsWhile(kind, {
      perform: (_, { timeouts }) => new Promise((resolve) => timeouts.after(4_000, () => resolve({ cents: 5 }))),
    })
    await world.run(first.runtime.close())
    await takeOver()
    expect(by()).toEqual(['a'])
    expect(await counts(second)).toEqual({ one: 1 })
    expect(await left(second)).toEqual([])
    await close(second)
  },
  sharedEngines,
)

promise(
  'P3',
  'of 300 effects, instances that join and leave perform 300 [trap: effects-of-instances]',
  async (kind) => {
    const { performed } = await threeHundred(kind, 'closes')
    expect([performed.length, new Set(performed).size]).toEqual([300, 300])
  },
  sharedEngines,
)

promise(
  'P3',
  'of 300 effects, an instance that dies costs at most one more for each that it was at [trap: effects-of-instances]',
  async (kind) => {
    const { performed, inFlight } = await threeHundred(kind, 'dies')
    expect(new Set(performed).size).toBe(300)
    expect(inFlight).toBeGreaterThan(0)
    expect(performed.length).toBeGreaterThan(300)
    expect(performed.length).toBeLessThanOrEqual(300 + inFlight)
  },
  sharedEngines,
)
