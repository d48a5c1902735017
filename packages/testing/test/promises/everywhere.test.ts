// A run is killed before and after every commit, and started again: whatever the crash point, the outcome is the same.

import type { CommitUnit } from 'tidings/ports'
import { expect, test } from 'vitest'
import { engines } from './setup/engines.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { commandsOfTheDay, fulfilment, publishedBy, rowsOf, send } from './systems/fulfilment.ts'

async function wholeDay(world: World): Promise<void> {
  for (let lives = 0; ; lives++) {
    expect(lives).toBeLessThan(10)
    let sent = 0
    for (const [index, { service, command, input }] of commandsOfTheDay.entries()) {
      if ((await send(world, service, command, input, `day/${index}`)) === undefined) break
      sent++
    }
    if (sent === commandsOfTheDay.length) await world.settle()
    if (!world.dead) return
    await world.restart()
  }
}

async function outcome(world: World) {
  const log = async (service: string) => [...(await publishedBy(world, service))].sort()
  return {
    orders: await publishedBy(world, 'orders'),
    customers: await publishedBy(world, 'customers'),
    parcels: await rowsOf(world, 'shipping', 'parcels'),
    dispatched: await log('shipping'),
    replica: await rowsOf(world, 'shipping', 'customers@1'),
    cases: await rowsOf(world, 'support', 'cases'),
    totals: await rowsOf(world, 'insights', 'totals@1'),
    deferred: [...world.system.services.values()].flatMap((service) =>
      service.subscriptions.map(({ subscription }) => subscription.deferred.count),
    ),
  }
}

async function undisturbed(kind: (typeof engines)[number]) {
  const world = await createWorld(kind, fulfilment())
  await wholeDay(world)
  const result = { outcome: await outcome(world), commits: world.commits }
  await world.close()
  return result
}

for (const kind of engines) {
  test(`P1 P2 P3 P4 (${kind.name}): killed at any commit, nothing is lost, halved, doubled or out of order [trap: dual-write]`, async () => {
    const calm = await undisturbed(kind)
    expect(calm.outcome.parcels).toEqual([
      { orderId: 'o1', city: 'Porto', times: 1, changes: [1, 2, 3] },
      { orderId: 'o2', city: 'Braga', times: 1, changes: [] },
      { orderId: 'o3', city: expect.any(String), times: 1, changes: [] },
    ])
    expect(calm.outcome.cases).toEqual([{ reviewId: 'r1', text: 'late', opened: 1 }])
    expect(calm.outcome.deferred.every((count) => count === 0)).toBe(true)
    // Files are slow: on them, only every third commit; in memory, the same code runs at every commit.
    const stride = kind.name === 'SQLite' ? 3 : 1
    const withoutCity = ({ parcels, ...rest }: typeof calm.outcome) => ({
      ...rest,
      // The city of a parcel depends on when shipping handled the customer's move; that it is sent once does not.
      parcels: parcels.map(({ city: _, ...parcel }) => parcel),
    })
    for (const moment of ['beforeCommit', 'afterCommit'] as const) {
      for (let number = 1; number <= calm.commits; number += stride) {
        const between: Between = {
          [moment]: (commit: { number: number }, kill: () => void) => commit.number === number && kill(),
        }
        const world = await createWorld(kind, fulfilment(), between)
        await wholeDay(world)
        expect(withoutCity(await outcome(world)), `killed ${moment} ${number}`).toEqual(withoutCity(calm.outcome))
        await world.close()
      }
    }
  }, 120_000)
}

// Engines that break a promise on purpose: the same scenario must detect it, or the test above proves nothing.
const withoutRows = (table: string) => (unit: CommitUnit) => ({
  ...unit,
  rows: unit.rows.filter((row) => row.table !== table),
  checks: unit.checks.filter((check) => check.table !== table),
})
let kills = 0
function killOnce(kill: () => void): void {
  if (kills++ === 0) kill()
}
const broken: readonly { readonly promise: string; readonly how: string; readonly between: Between }[] = [
  {
    promise: 'P1',
    how: 'a handler commits its rows without its events',
    between: {
      spoil: (unit) => ({ ...unit, events: unit.rows.some((row) => row.table === 'parcels') ? [] : unit.events }),
    },
  },
  {
    promise: 'P3',
    how: 'a handler commits its rows without its progress',
    between: {
      spoil: withoutRows('tidings.progress'),
      afterCommit: ({ service, unit }, kill) =>
        service === 'shipping' && unit.events[0]?.key === 'o2' && killOnce(kill),
    },
  },
  {
    promise: 'P3',
    how: 'a command commits without noting its idempotency key',
    between: { spoil: withoutRows('tidings.answers'), afterCommit: ({ number }, kill) => number === 28 && kill() },
  },
  {
    promise: 'P2',
    how: 'a broker passes over an event',
    between: {
      broker: (broker) => ({
        ...broker,
        read: async (source, request) => {
          const page = await broker.read(source, request)
          return { ...page, events: page.events.filter((event) => event.key !== 'o3') }
        },
      }),
    },
  },
  {
    promise: 'P4',
    how: 'a broker hands out a later event of a key first',
    between: {
      broker: (broker) => ({
        ...broker,
        read: async (source, request) => {
          const page = await broker.read(source, request)
          const all = source !== 'orders' || Number(page.head) >= 6
          return all
            ? { ...page, events: [...page.events].reverse() }
            : { ...page, events: [], next: request.after, head: request.after }
        },
      }),
    },
  },
]

for (const { promise, how, between } of broken) {
  test(`${promise}: an engine that breaks it is detected (${how})`, async () => {
    const [, kind] = engines
    if (kind === undefined) throw new Error('no engine')
    const calm = await undisturbed(kind)
    const world = await createWorld(kind, fulfilment(), between)
    await wholeDay(world)
    expect(await outcome(world)).not.toEqual(calm.outcome)
    await world.close()
  })
}
