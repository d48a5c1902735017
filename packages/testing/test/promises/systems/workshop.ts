// A workshop of which older and newer code run side by side. What its functions do is noted for each customer, in order.

import { defineCommand, defineEvent, defineService, defineTable, fact, type Service, timer } from 'tidings'
import type { Store } from 'tidings/ports'
import { z } from 'zod'
import type { World } from '../setup/world.ts'

const Order = z.object({ customer: z.string(), number: z.number() })
const told = (name: string) =>
  defineEvent(name, { owner: 'counter', pattern: 'notification' })
    .version(1, Order)
    .key(({ customer }) => customer)
const Cut = told('test.cut')
const Sewn = told('test.sewn')
const Dyed = told('test.dyed')
const events = { cut: Cut, sewn: Sewn, dyed: Dyed }
const Tell = defineCommand('tell', { input: Order.extend({ what: z.enum(['cut', 'sewn', 'dyed']) }) })
const SetReminder = defineCommand('set-reminder', { input: Order })
const Reminder = timer(Order)

const counterDefinition = defineService('counter', { publishes: [Cut, Sewn, Dyed] })
/** Where events come from. */
export const counter = counterDefinition.with({
  tell: counterDefinition.command(Tell, { publishes: [Cut, Sewn, Dyed] }, ({ what, ...order }, { publish }) =>
    publish(events[what], order),
  ),
})

const Counted = defineEvent('test.counted', { owner: 'workshop', pattern: 'notification' })
  .version(1, z.object({ number: z.number(), customers: z.string() }))
  .key(({ number }) => String(number))
const notes = defineTable('notes')
  .version(1, z.object({ customer: z.string(), lines: z.array(z.string()) }))
  .key(({ customer }) => customer)

/** The code of a workshop. All code presses what was sewn, and hears of what was cut under one name or another. */
export interface WorkshopCode {
  /** What is done with what was cut. Default: `trim`. */
  readonly trims?: 'trim' | 'renamed' | 'not at all'
  /** Newer code, which also measures what was cut, and hears of what was dyed. */
  readonly measures?: boolean
  /** A process manager that counts, by number, what was cut. */
  readonly counts?: boolean
  /** Newer code with a process manager that tallies the same, all under 100. */
  readonly tallies?: boolean
  /** Newer code, which reminds. */
  readonly reminds?: boolean
  /** Into how many partitions its handlers are divided. */
  readonly partitions?: number
  /** The most deferred events. */
  readonly deferredCountMax?: number
}

interface Reminders {
  readonly reminder: { after(key: string, duration: { minutes: number }, data: z.infer<typeof Order>): void }
}

interface Notes {
  get(customer: string): Promise<{ lines: readonly string[] } | undefined>
  put(row: { customer: string; lines: string[] }): void
}

async function note(tables: { readonly notes: Notes }, customer: string, line: string): Promise<void> {
  tables.notes.put({ customer, lines: [...((await tables.notes.get(customer))?.lines ?? []), line] })
}

/** A workshop. */
export function workshopWith(code: WorkshopCode = {}): Service {
  const {
    trims = 'trim',
    measures = false,
    counts = false,
    tallies = false,
    reminds = false,
    partitions,
    deferredCountMax = 1_000,
  } = code
  const workshop = defineService('workshop', {
    tables: { notes },
    publishes: [Counted],
    timers: reminds ? { nudge: Reminder, reminder: Reminder } : { nudge: Reminder },
    limits: { deferredCountMax },
    ...(partitions === undefined ? {} : { subscribers: { main: { partitions } } }),
  })
  const noting =
    (what: string) =>
    ({ customer, number }: z.infer<typeof Order>, { tables }: { readonly tables: { readonly notes: Notes } }) =>
      note(tables, customer, `${what} ${number}`)
  const counting = (name: string, of: (number: number) => number) =>
    workshop
      .process(name, {
        facts: { cutFor: fact(z.object({ customer: z.string() })) },
        initialState: () => ({ customers: '' }),
        evolve: { cutFor: ({ customers }, { customer }) => ({ customers: `${customers}${customer}` }) },
        publishes: [Counted],
        from: 'now',
        subscriber: 'main',
      })
      .starts(
        Cut,
        ({ number }) => String(of(number)),
        ({ customer, number }, { state, facts, publish }) => {
          publish(Counted, { number: of(number), customers: `${state.customers}${customer}` })
          return facts.cutFor({ customer })
        },
      )
  return workshop.with({
    press: workshop.on(Sewn, noting('press')),
    ...(trims === 'trim' ? { trim: workshop.on(Cut, noting('trim')) } : {}),
    ...(trims === 'renamed' ? { shorten: workshop.on(Cut, { was: 'trim' }, noting('shorten')) } : {}),
    ...(measures
      ? {
          measure: workshop.on(Cut, { from: 'now' }, noting('measure')),
          dry: workshop.on(Dyed, { from: 'now' }, noting('dry')),
        }
      : {}),
    ...(counts ? { counting: counting('counting', (number) => number) } : {}),
    ...(tallies ? { tallying: counting('tallying', () => 100) } : {}),
    set: workshop.command(SetReminder, (order, { timers }) => {
      timers.nudge.after(order.customer, { minutes: 1 }, order)
      if (reminds) (timers as unknown as Reminders).reminder.after(order.customer, { minutes: 1 }, order)
    }),
    nudge: workshop.due('nudge', noting('nudge')),
    ...(reminds ? { reminder: workshop.due('reminder' as never, noting('remind') as never) } : {}),
  })
}

/** Tells the workshop: `cut a1` is what was cut for customer a, number 1. */
export async function tell(world: World, ...all: readonly string[]): Promise<void> {
  for (const each of all) {
    const [what = '', order = ''] = each.split(' ')
    const input = { what, customer: order.charAt(0), number: Number(order.slice(1)) }
    await world.run(world.system.service('counter').command('tell', input))
  }
}

/** What was done for each customer, in order. */
export async function notesIn(store: Store): Promise<Readonly<Record<string, readonly string[]>>> {
  const rows = await store.find({ table: 'notes', limit: 1_000 })
  return Object.fromEntries(rows.map(({ key, json }) => [key, (JSON.parse(json) as { lines: string[] }).lines]))
}

/** For whom a number was cut, at each count. */
export async function countedIn(store: Store, number: number): Promise<readonly string[]> {
  const { events } = await store.readEventLog({ after: '', limit: 1_000 })
  return events
    .filter(({ key }) => key === String(number))
    .map(({ data }) => (JSON.parse(data ?? '') as { customers: string }).customers)
}
