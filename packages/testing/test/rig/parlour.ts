// Two services with everything that has a crash point: commands, a decider, handlers, a lookup, a projection, a timer, an effect.
import {
  defineCommand,
  defineDecider,
  defineEffect,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  fact,
  timer,
} from 'tidings'
import { z } from 'zod'

const OfGuest = z.object({ guestId: z.string() })
const keyOf = (guest: { readonly guestId: string }) => guest.guestId

export const GuestSat = defineEvent('parlour.guest-sat', { owner: 'tables', pattern: 'event-sourcing' })
  .version(1, OfGuest)
  .key(keyOf)
export const SitDown = defineCommand('sit-down', { input: OfGuest, key: keyOf })
export const NameOf = defineQuery('name-of', {
  owner: 'tables',
  input: OfGuest,
  output: z.object({ name: z.string() }),
})
export const TeaBrought = defineEvent('parlour.tea-brought', { owner: 'kitchen', pattern: 'notification' })
  .version(1, OfGuest.extend({ name: z.string() }))
  .key(keyOf)
const BringTea = defineEffect('bring-tea', { input: OfGuest, key: keyOf })

const seat = defineDecider('seat', {
  commands: { SitDown },
  facts: { sat: fact(OfGuest) },
  initialState: () => ({ taken: false }),
  decide: { SitDown: (guest, { taken }, { facts }) => (taken ? undefined : facts.sat(guest)) },
  evolve: { sat: () => ({ taken: true }) },
})

const tables = defineService('tables', { publishes: [GuestSat] })
export const tablesService = tables.with({
  seats: tables.decider(seat, {
    publishes: [GuestSat],
    announce: { sat: (guest, _, { event }) => event(GuestSat, guest) },
  }),
  nameOf: tables.query(NameOf, ({ guestId }) => ({ name: `Guest ${guestId}` })),
})

const visits = defineTable('visits')
  .version(1, OfGuest.extend({ count: z.int() }))
  .key(keyOf)
const kitchen = defineService('kitchen', {
  publishes: [TeaBrought],
  tables: {
    names: defineTable('names')
      .version(1, OfGuest.extend({ name: z.string() }))
      .key(keyOf),
  },
  readModels: { visits },
  timers: { steep: timer() },
})
export const kitchenService = kitchen.with({
  greet: kitchen.on(GuestSat, { lookups: [NameOf] }, async ({ guestId }, { lookup, tables: own, timers }) => {
    const { name } = (await lookup(NameOf, { guestId })) ?? { name: '' }
    own.names.put({ guestId, name })
    timers.steep.after(guestId, { minutes: 3 })
  }),
  countVisits: kitchen
    .projection('visits', { writes: ['visits'] })
    .on(GuestSat, async ({ guestId }, { tables: own }) => {
      own.visits.put({ guestId, count: ((await own.visits.get(guestId))?.count ?? 0) + 1 })
    }),
  steeped: kitchen.due('steep', { requests: [BringTea] }, (_, { timer: due, request }) => {
    request(BringTea, { guestId: due.key })
  }),
  bringTea: kitchen.effect(BringTea, {
    publishes: [TeaBrought],
    perform: () => undefined,
    outcome: async (_, { input, tables: own, publish }) => {
      publish(TeaBrought, { ...input, name: (await own.names.get(input.guestId))?.name ?? '' })
    },
  }),
})
