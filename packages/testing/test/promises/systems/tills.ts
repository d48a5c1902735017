// Tills that share a store: instances that charge outside, and note who has done it and when. An instance can end in the middle of that.

import { defineCommand, defineEffect, defineService, defineTable } from 'tidings'
import { createSeededRandom } from 'tidings/memory'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from '../setup/engines.ts'
import { type AroundInstance, type MortalInstance, mortalInstance } from '../setup/mortal-instance.ts'
import { createWorld, type World } from '../setup/world.ts'

export const timeoutMs = 20_000
export const leaseMs = 10_000
export const starts = 'tidings.effect-starts'

const Charge = defineEffect('charge', {
  input: z.object({ id: z.string() }),
  outcome: z.object({ cents: z.number() }),
  key: ({ id }) => id,
})
/** Each is done by one instance at a time, whichever that is. */
const others = ['b', 'c', 'd', 'e', 'f'].map((name) =>
  defineEffect(`charge-${name}`, { input: z.object({ id: z.string() }), key: ({ id }) => id }),
)
const Ask = defineCommand('ask', { input: z.object({ ids: z.array(z.string()) }) })
const AskAll = defineCommand('ask-all', { input: z.object({ ids: z.array(z.string()) }) })
/** What the service's own function does: it hangs, until it is aborted. */
export const hanging = { whenPerformed: (_signal: AbortSignal): void => {} }
const charges = defineTable('charges')
  .version(1, z.object({ id: z.string(), count: z.number() }))
  .key(({ id }) => id)

const definition = defineService('till', { tables: { charges }, limits: { leaseMs, drainMsMax: 5_000 } })
export const till = definition.with({
  ask: definition.command(Ask, { requests: [Charge] }, ({ ids }, { request }) => {
    for (const id of ids) request(Charge, { id })
  }),
  askAll: definition.command(AskAll, { requests: others }, ({ ids }, { request }) => {
    for (const [index, id] of ids.entries()) {
      const effect = others[index % others.length]
      if (effect !== undefined) request(effect, { id })
    }
  }),
  charge: definition.effect(Charge, {
    timeoutMs,
    perform: async (_, { signal }) => {
      await new Promise<void>((_resolve, reject) => {
        hanging.whenPerformed(signal)
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
      return { cents: 5 }
    },
    outcome: async (_, { input: { id }, tables }) => {
      tables.charges.put({ id, count: ((await tables.charges.get(id))?.count ?? 0) + 1 })
    },
  }),
  ...Object.fromEntries(
    others.map((effect) => [
      effect.name,
      definition.effect(effect, {
        timeoutMs,
        perform: () => {},
        outcome: async (_, { input: { id }, tables }) => {
          tables.charges.put({ id, count: ((await tables.charges.get(id))?.count ?? 0) + 1 })
        },
      }),
    ]),
  ),
})

interface Performance {
  readonly id: string
  readonly by: string
  readonly at: number
}

/** Tills that share a store, and what they have performed. */
export async function tills(kind: EngineKind) {
  const world = await createWorld(kind, [till])
  const performed: Performance[] = []
  const instances: MortalInstance[] = []
  const start = async (name: string, around: Omit<AroundInstance, 'name'> = {}) => {
    const instance = await mortalInstance(world, 'till', {
      name,
      perform: async ({ data }) => {
        performed.push({ id: (data as { id: string }).id, by: name, at: world.clock.now() })
        return { cents: 5 }
      },
      ...around,
    })
    instances.push(instance)
    return instance
  }
  const ask = (instance: MortalInstance, ...ids: readonly string[]) =>
    world.run(instance.runtime.command('ask', { ids }))
  const counts = async ({ runtime }: MortalInstance) => {
    const rows = await runtime.store.find({ table: 'charges', limit: 1_000 })
    return Object.fromEntries(rows.map(({ json }) => [JSON.parse(json).id, JSON.parse(json).count]))
  }
  const left = async ({ runtime }: MortalInstance) => {
    const tables = ['tidings.agenda', 'tidings.queues', starts]
    const found = await Promise.all(tables.map((table) => runtime.store.find({ table, limit: 10 })))
    return found.flat().map(({ key }) => key)
  }
  const close = async (...open: readonly MortalInstance[]) => {
    for (const { runtime } of open) await world.run(runtime.close())
    await world.close()
  }
  return { world, performed, start, ask, counts, left, close }
}

/** An instance that holds everything, and something happens to it while it is at an effect; then another one starts. */
export async function endsWhile(
  kind: EngineKind,
  around: Omit<AroundInstance, 'name' | 'perform'> & {
    perform?: (instance: MortalInstance, world: World) => Promise<unknown>
  },
) {
  const rig = await tills(kind)
  const { world, start, ask, performed } = rig
  const { perform, ...rest } = around
  const first: MortalInstance = await start('a', {
    ...rest,
    ...(perform === undefined
      ? {}
      : {
          perform: async ({ data }) => {
            performed.push({ id: (data as { id: string }).id, by: 'a', at: world.clock.now() })
            return perform(first, world)
          },
        }),
  })
  await world.run(world.system.service('till').close())
  await world.advance(2 * leaseMs)
  await ask(first, 'one')
  const begun = world.clock.now()
  await world.advance(1_000)
  const second = await start('b')
  const by = () => performed.map((each) => each.by)
  /** Until the second instance has had the time to take over, and to wait. */
  const takeOver = () => world.advance(timeoutMs + 3 * leaseMs)
  return { ...rig, first, second, begun, by, takeOver }
}

/** 300 effects of 200 to 1,400 ms, while instances join and leave; `ends`: how the third one leaves. */
export async function threeHundred(kind: EngineKind, ends: 'closes' | 'dies') {
  const { world, start, counts, left, close } = await tills(kind)
  const performed: string[] = []
  const random = createSeededRandom(7)
  const startOne = (name: string) =>
    start(name, {
      perform: async ({ data }) => {
        performed.push((data as { id: string }).id)
        await new Promise<void>((resolve) => world.timeouts.after(200 + random.next() * 1_200, resolve))
      },
    })
  const ids = Array.from({ length: 300 }, (_, index) => `charge-${index}`)
  const ask = async ({ runtime }: MortalInstance) => {
    await world.run(runtime.command('ask-all', { ids: ids.splice(0, 50) }))
    await world.advance(2_500)
  }
  const a = await startOne('a')
  await world.run(world.system.service('till').close())
  await ask(a)
  const b = await startOne('b')
  await ask(b)
  const c = await startOne('c')
  await ask(a)
  await world.advance(leaseMs)
  await ask(c)
  // What has begun, and has no outcome in the store.
  const atWork = async () => {
    const rows = await b.runtime.store.find({ table: starts, limit: 300 })
    return rows.filter(({ json }) => JSON.parse(json).by === 'c').length
  }
  let inFlight = 0
  if (ends === 'closes') await world.run(c.runtime.close())
  else {
    await world.run(c.runtime.command('ask-all', { ids: ids.splice(0, 25) }))
    while ((await atWork()) === 0) await world.advance(50)
    await world.advance(500)
    inFlight = await atWork()
    c.kill()
  }
  await ask(b)
  await world.run(a.runtime.close())
  await ask(b)
  const d = await startOne('d')
  await world.advance(2 * timeoutMs + 3 * leaseMs)
  expect(Object.values(await counts(b))).toEqual(Array.from({ length: 300 }, () => 1))
  expect(await left(b)).toEqual([])
  await close(b, d)
  return { performed, inFlight }
}
