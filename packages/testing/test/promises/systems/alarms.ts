// A minimal service with timers: commands set, replace and cancel alarms, and each ring is counted and published.

import {
  type CronTime,
  defineCommand,
  defineEvent,
  defineService,
  defineTable,
  type EventData,
  type Limits,
  timer,
} from 'tidings'
import { z } from 'zod'
import type { World } from '../setup/world.ts'
import { rowsOf, send } from './fulfilment.ts'

export const Rung = defineEvent('test.rung', { owner: 'alarms', pattern: 'notification' })
  .version(1, z.object({ to: z.string(), name: z.string(), note: z.string(), lateMs: z.number(), missed: z.number() }))
  .key(({ to }) => to)

const SetAlarm = defineCommand('set-alarm', {
  input: z.object({
    to: z.string(),
    name: z.enum(['ring', 'chime']).default('ring'),
    note: z.string().default(''),
    afterMs: z.number().optional(),
    at: z.number().optional(),
    every: z.object({ cron: z.string(), timeZone: z.string().optional() }).optional(),
    thenFail: z.boolean().default(false),
  }),
})
const CancelAlarm = defineCommand('cancel-alarm', { input: z.object({ to: z.string() }) })

const rung = defineTable('rung')
  .version(1, z.object({ to: z.string(), count: z.number() }))
  .key(({ to }) => to)

/** An alarm that rings. */
export interface Ringing {
  readonly to: string
  readonly name: string
  readonly lateMs: number
}

/** Options of the service. */
export interface AlarmOptions {
  readonly limits?: Partial<Limits>
  /** Runs in the timer's function, after its writes. */
  readonly onRing?: (ringing: Ringing) => unknown
  /** Changes the key an alarm is set under: a service that does not replace. */
  readonly keyOf?: (to: string, note: string) => string
  /** Changes the duration. */
  readonly durationOf?: (ms: number) => number
}

const data = timer(z.object({ note: z.string() }))

/** The service that rings. */
export function alarmsWith(options: AlarmOptions = {}) {
  const { limits = {}, onRing, keyOf = (to) => to, durationOf = (ms) => ms } = options
  const alarms = defineService('alarms', {
    publishes: [Rung],
    tables: { rung },
    timers: { ring: data, chime: data },
    // Days pass in these tests, so polls are rare; wake-ups arrive.
    limits: { pollMs: 86_400_000, ...limits },
  })
  const due = (name: 'ring' | 'chime') =>
    alarms.due(
      name,
      { publishes: [Rung] },
      async ({ note }, { timer: { key: to, lateMs, missed }, tables, publish }) => {
        const before = await tables.rung.get(to)
        tables.rung.put({ to, count: (before?.count ?? 0) + 1 })
        publish(Rung, { to, name, note, lateMs, missed })
        await onRing?.({ to, name, lateMs })
      },
    )
  return alarms.with({
    set: alarms.command(SetAlarm, ({ to, name, note, afterMs, at, every, thenFail }, { timers, tables }) => {
      const key = keyOf(to, note)
      tables.rung.put({ to: `set ${key}`, count: 0 })
      if (afterMs !== undefined) timers[name].after(key, { milliseconds: durationOf(afterMs) }, { note })
      if (at !== undefined) timers[name].at(key, new Date(at), { note })
      if (every !== undefined) timers[name].every(key, every as CronTime, { note })
      if (thenFail) throw new Error('after all')
    }),
    cancel: alarms.command(CancelAlarm, ({ to }, { timers }) => timers.ring.cancel(to)),
    ring: due('ring'),
    chime: due('chime'),
  })
}

/** Sets an alarm. */
export function setAlarm(world: World, input: object, key?: string) {
  return send(world, 'alarms', 'set-alarm', input, key)
}

/** How often alarms have rung: `{ a: 1 }`. */
export async function rings(world: World): Promise<Record<string, number>> {
  const rows = await rowsOf(world, 'alarms', 'rung')
  return Object.fromEntries(rows.filter(({ count }) => count !== 0).map(({ to, count }) => [to, count as number]))
}

/** What has rung, in order. */
export async function ringing(world: World): Promise<readonly EventData<typeof Rung>[]> {
  const { events } = await world.system.service('alarms').store.readEventLog({ after: '', limit: 1_000 })
  return events.map((event) => JSON.parse(event.data ?? 'null'))
}
