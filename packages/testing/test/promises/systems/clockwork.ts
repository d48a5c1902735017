// A service with a timer and an effect, so that two queues share a schedule; tests decide what happens when one is due.

import { defineCommand, defineEffect, defineService, defineTable, type Limits, type Service, timer } from 'tidings'
import { z } from 'zod'
import type { World } from '../setup/world.ts'
import { rowsOf } from './fulfilment.ts'

const id = z.object({ id: z.string() })
const rings = defineTable('rings')
  .version(1, z.object({ id: z.string(), times: z.number() }))
  .key((row) => row.id)
const Wind = defineCommand('wind', {
  input: z.object({ ids: z.array(z.string()), afterMs: z.number(), oil: z.boolean() }),
})
const Stop = defineCommand('stop', { input: id })
const Oil = defineEffect('oil', { input: id, key: (input) => input.id })

/** What happens when something is due. */
export interface WhenDue {
  readonly onRing?: (id: string) => unknown
  readonly onOil?: (id: string) => unknown
  readonly limits?: Partial<Limits>
}

/** The service. */
export function clockworkWith({ onRing, onOil, limits = {} }: WhenDue = {}): Service {
  const clockwork = defineService('clockwork', {
    tables: { rings },
    timers: { ring: timer(id) },
    // Wake-ups arrive; nothing depends on polls.
    limits: { pollMs: 86_400_000, ...limits },
  })
  return clockwork.with({
    wind: clockwork.command(Wind, { requests: [Oil] }, ({ ids, afterMs, oil }, { timers, request }) => {
      for (const key of ids) timers.ring.after(key, { milliseconds: afterMs }, { id: key })
      if (oil) request(Oil, { id: 'oil' }, { after: { milliseconds: afterMs + 1 } })
    }),
    stop: clockwork.command(Stop, ({ id: key }, { timers }) => timers.ring.cancel(key)),
    ring: clockwork.due('ring', async ({ id: key }, { tables }) => {
      const before = await tables.rings.get(key)
      await onRing?.(key)
      tables.rings.put({ id: key, times: (before?.times ?? 0) + 1 })
    }),
    oil: clockwork.effect(Oil, {
      perform: async (input) => {
        await onOil?.(input.id)
      },
    }),
  })
}

/** Sets timers that are due after some milliseconds, and requests an effect that is due with them. */
export function wind(world: World, ids: readonly string[], afterMs: number, oil = false): Promise<unknown> {
  return world.run(world.system.service('clockwork').command('wind', { ids, afterMs, oil }))
}

/** How often each timer has fired. */
export async function rung(world: World): Promise<Readonly<Record<string, unknown>>> {
  return Object.fromEntries((await rowsOf(world, 'clockwork', 'rings')).map((row) => [row.id, row.times]))
}
