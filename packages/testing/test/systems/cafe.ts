// A small system for the kit's own tests: a café. Every pattern is in it once.
// guests (state transfer) → kitchen (a replica, retries) · bar (event-sourced, announces) → till (projection) · feedback → care (notification).

import {
  defineCommand,
  defineDecider,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  fact,
  reject,
  replicaOf,
} from 'tidings'
import { z } from 'zod'

// guests: the public state of each guest
export const Guest = z.object({ guestId: z.string(), name: z.string() })
export const GuestChanged = defineEvent('cafe.guest-changed', { owner: 'guests', pattern: 'state-transfer' })
  .version(1, Guest)
  .key((guest) => guest.guestId)
export const RegisterGuest = defineCommand('register-guest', { input: Guest, output: z.object({ visits: z.int() }) })
export const ForgetGuest = defineCommand('forget-guest', { input: z.object({ guestId: z.string() }) })
export const guestBook = defineTable('guest-book')
  .version(1, z.object({ guestId: z.string(), name: z.string(), visits: z.int() }))
  .key((row) => row.guestId)
  .index('name')

const guestsDefinition = defineService('guests', { publishes: [GuestChanged], tables: { guestBook } })
export const guests = guestsDefinition.with({
  registerGuest: guestsDefinition.command(
    RegisterGuest,
    { publishes: [GuestChanged] },
    async (guest, { tables, publish }) => {
      if (guest.name === '') return reject('no-name', 'A guest has a name.')
      const known = await tables.guestBook.get(guest.guestId)
      const visits = (known?.visits ?? 0) + 1
      tables.guestBook.put({ ...guest, visits })
      publish(GuestChanged, guest)
      return { visits }
    },
  ),
  forgetGuest: guestsDefinition.command(
    ForgetGuest,
    { publishes: [GuestChanged] },
    ({ guestId }, { tables, retract }) => {
      tables.guestBook.remove(guestId)
      retract(GuestChanged, guestId)
    },
  ),
})

// bar: tabs as streams of facts
const TabId = z.object({ tabId: z.string() })
export const DrinkOrdered = defineEvent('cafe.drink-ordered', { owner: 'bar', pattern: 'event-sourcing' })
  .version(1, z.object({ tabId: z.string(), guestId: z.string(), drink: z.string(), cents: z.int() }))
  .key((drink) => drink.tabId)
export const OpenTab = defineCommand('open-tab', { input: TabId.extend({ guestId: z.string() }), key: (c) => c.tabId })
export const OrderDrink = defineCommand('order-drink', {
  input: TabId.extend({ drink: z.string(), cents: z.int() }),
  key: (c) => c.tabId,
})
export const tab = defineDecider('tab', {
  commands: { OpenTab, OrderDrink },
  facts: {
    opened: fact(z.object({ guestId: z.string() })),
    ordered: fact(z.object({ drink: z.string(), cents: z.int() })),
  },
  initialState: () => ({ guestId: '', cents: 0 }),
  decide: {
    OpenTab: ({ guestId }, state, { facts, reject: refuse }) =>
      state.guestId === '' ? facts.opened({ guestId }) : refuse('already-open', 'The tab is open.'),
    OrderDrink: ({ drink, cents }, state, { facts, reject: refuse }) =>
      state.guestId === '' ? refuse('not-open', 'The tab is not open.') : facts.ordered({ drink, cents }),
  },
  evolve: {
    opened: (state, { guestId }) => ({ ...state, guestId }),
    ordered: (state, { cents }) => ({ ...state, cents: state.cents + cents }),
  },
  snapshot: { every: 3, version: 1 },
})
export const drinks = defineTable('drinks')
  .version(1, z.object({ drink: z.string(), count: z.int() }))
  .key((row) => row.drink)
export const DrinksSold = defineQuery('drinks-sold', {
  owner: 'bar',
  input: z.object({ drink: z.string() }),
  output: z.int(),
})
const barDefinition = defineService('bar', { publishes: [DrinkOrdered], readModels: { drinks } })
export const bar = barDefinition.with({
  tabs: barDefinition.decider(tab, {
    publishes: [DrinkOrdered],
    announce: {
      ordered: (data, state, { event, meta }) =>
        event(DrinkOrdered, { ...data, tabId: meta.stream, guestId: state.guestId }),
    },
  }),
  byDrink: barDefinition
    .projection('by-drink', { writes: ['drinks'], mode: 'inline' })
    .onFact(tab, 'ordered', async ({ drink }, { tables }) => {
      const known = await tables.drinks.get(drink)
      tables.drinks.put({ drink, count: (known?.count ?? 0) + 1 })
    }),
  drinksSold: barDefinition.query(
    DrinksSold,
    async ({ drink }, { readModels }) => (await readModels.drinks.get(drink))?.count,
  ),
})

// kitchen: serves drinks by the guest's name, and fails for the drinks in `broken`
export const DrinkServed = defineEvent('cafe.drink-served', { owner: 'kitchen', pattern: 'notification' })
  .version(1, z.object({ tabId: z.string(), drink: z.string(), to: z.string() }))
  .key((served) => served.tabId)
export const NoteShift = defineCommand('note-shift', { input: z.object({ tabId: z.string() }) })
export const served = defineTable('served')
  .version(1, z.object({ tabId: z.string(), drinks: z.array(z.string()) }))
  .key((row) => row.tabId)
export const shifts = defineTable('shifts')
  .version(1, z.object({ day: z.string(), count: z.int() }))
  .key((row) => row.day)
/** Drinks that the kitchen cannot make now. */
export const broken = new Set<string>()
export const kitchenDefinition = defineService('kitchen', {
  publishes: [DrinkServed],
  tables: { served, shifts },
  replicas: { guests: replicaOf(GuestChanged) },
})
export const serveDrink = kitchenDefinition.on(
  DrinkOrdered,
  { publishes: [DrinkServed], executes: [NoteShift] },
  async ({ tabId, drink, guestId }, { tables, replicas, publish, execute }) => {
    const guest = await replicas.guests.require(guestId)
    if (broken.has(drink)) throw new TypeError(`there is no ${drink}`)
    const known = await tables.served.get(tabId)
    tables.served.put({ tabId, drinks: [...(known?.drinks ?? []), drink] })
    await execute(NoteShift, { tabId })
    publish(DrinkServed, { tabId, drink, to: guest.name })
  },
)
export const kitchen = kitchenDefinition.with({
  serveDrink,
  noteShift: kitchenDefinition.command(NoteShift, async (_input, { tables, occurredAt }) => {
    const day = occurredAt.toISOString().slice(0, 10)
    const known = await tables.shifts.get(day)
    tables.shifts.put({ day, count: (known?.count ?? 0) + 1 })
  }),
})

// counter: events of many keys, and one stream of its own that all of them write
export const DrinkCounted = defineEvent('cafe.drink-counted', { owner: 'counter', pattern: 'event-sourcing' })
  .version(1, z.object({ drink: z.string(), total: z.int() }))
  .key((counted) => counted.drink)
export const CountDrink = defineCommand('count-drink', {
  input: z.object({ drink: z.string(), tabId: z.string() }),
  key: (c) => c.drink,
})
const count = defineDecider('count', {
  commands: { CountDrink },
  facts: { counted: fact(z.object({ total: z.int(), tabId: z.string() })) },
  initialState: () => 0,
  decide: { CountDrink: ({ tabId }, total, { facts }) => facts.counted({ total: total + 1, tabId }) },
  evolve: { counted: (_before, { total }) => total },
})
export const totals = defineTable('totals')
  .version(1, z.object({ drink: z.string(), total: z.int() }))
  .key((row) => row.drink)
const counterDefinition = defineService('counter', { publishes: [DrinkCounted], readModels: { totals } })
export const counter = counterDefinition.with({
  counts: counterDefinition.decider(count, {
    publishes: [DrinkCounted],
    announce: { counted: ({ total }, _state, { event, meta }) => event(DrinkCounted, { drink: meta.stream, total }) },
  }),
  inTotal: counterDefinition
    .projection('in-total', { writes: ['totals'], mode: 'inline' })
    .onFact(count, 'counted', async ({ total, tabId }, { tables, fact: { stream } }) => {
      // Some wait for something outside: the handlers of a batch run side by side meanwhile.
      if (tabId.endsWith('slow')) await new Promise((resolve) => setImmediate(resolve))
      tables.totals.put({ drink: stream, total })
    }),
  countOrdered: counterDefinition.on(
    DrinkOrdered,
    { executes: [CountDrink] },
    async ({ drink, tabId }, { execute }) => {
      await execute(CountDrink, { drink, tabId })
    },
  ),
})

// till: revenue by day, over history
export const days = defineTable('days')
  .version(1, z.object({ day: z.string(), cents: z.int() }))
  .key((row) => row.day)
export const Revenue = defineQuery('revenue', {
  owner: 'till',
  input: z.object({ day: z.string() }),
  output: z.object({ cents: z.int() }),
})
const tillDefinition = defineService('till', { readModels: { days } })
export const till = tillDefinition.with({
  byDay: tillDefinition
    .projection('by-day', { writes: ['days'] })
    .on(DrinkOrdered, async ({ cents }, { tables, event }) => {
      const day = event.occurredAt.toISOString().slice(0, 10)
      const known = await tables.days.get(day)
      tables.days.put({ day, cents: (known?.cents ?? 0) + cents })
    }),
  revenue: tillDefinition.query(Revenue, async ({ day }, { readModels }) => {
    const row = await readModels.days.get(day)
    return row === undefined ? undefined : { cents: row.cents }
  }),
})

// feedback → care: a notification, and the lookup behind it
export const FeedbackGiven = defineEvent('cafe.feedback-given', { owner: 'feedback', pattern: 'notification' })
  .version(1, z.object({ feedbackId: z.string(), score: z.int() }))
  .key((feedback) => feedback.feedbackId)
export const GiveFeedback = defineCommand('give-feedback', {
  input: z.object({ feedbackId: z.string(), score: z.int(), text: z.string() }),
})
export const FeedbackText = defineQuery('feedback-text', {
  owner: 'feedback',
  input: z.object({ feedbackId: z.string() }),
  output: z.object({ text: z.string() }),
})
export const texts = defineTable('texts')
  .version(1, z.object({ feedbackId: z.string(), text: z.string() }))
  .key((row) => row.feedbackId)
const feedbackDefinition = defineService('feedback', { publishes: [FeedbackGiven], tables: { texts } })
export const feedback = feedbackDefinition.with({
  giveFeedback: feedbackDefinition.command(
    GiveFeedback,
    { publishes: [FeedbackGiven] },
    ({ feedbackId, score, text }, { tables, publish }) => {
      tables.texts.put({ feedbackId, text })
      publish(FeedbackGiven, { feedbackId, score })
    },
  ),
  feedbackText: feedbackDefinition.query(FeedbackText, async ({ feedbackId }, { tables }) => {
    const row = await tables.texts.get(feedbackId)
    return row === undefined ? undefined : { text: row.text }
  }),
})
export const cases = defineTable('cases')
  .version(1, z.object({ feedbackId: z.string(), text: z.string().nullable() }))
  .key((row) => row.feedbackId)
export const Cases = defineQuery('cases', {
  owner: 'care',
  input: z.object({}),
  output: z.array(z.object({ feedbackId: z.string(), text: z.string().nullable() })),
})
const careDefinition = defineService('care', { tables: { cases } })
export const openCase = careDefinition.on(
  FeedbackGiven,
  { lookups: [FeedbackText] },
  async ({ feedbackId, score }, { tables, lookup }) => {
    if (score > 2) return
    const found = await lookup(FeedbackText, { feedbackId })
    tables.cases.put({ feedbackId, text: found?.text ?? null })
  },
)
export const care = careDefinition.with({
  openCase,
  listCases: careDefinition.query(Cases, (_input, { tables }) => tables.cases.list().then((rows) => [...rows])),
})
