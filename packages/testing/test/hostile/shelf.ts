// A system that passes on its input on every path: a row, a fact, an event to a handler, a projection and a replica
// of another service, a timer and an effect. The output must equal the input.

import {
  defineCommand,
  defineDecider,
  defineEffect,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  fact,
  replicaOf,
  type Service,
  timer,
} from 'tidings'
import { z } from 'zod'

const thing = z.object({ key: z.string(), value: z.any() })
const table = (name: string) =>
  defineTable(name)
    .version(1, thing)
    .key(({ key }) => key)

export const ThingKept = defineEvent('test.thing-kept', { owner: 'shelf', pattern: 'notification' })
  .version(1, thing)
  .key(({ key }) => key)
export const ThingState = defineEvent('test.thing-state', { owner: 'shelf', pattern: 'state-transfer' })
  .version(1, thing)
  .key(({ key }) => key)
export const KeepThing = defineCommand('keep-thing', { input: thing })
export const ThingOf = defineQuery('thing-of', {
  owner: 'shelf',
  input: z.object({ key: z.string() }),
  output: thing,
})
const NoteThing = defineCommand('note-thing', { input: thing, key: ({ key }) => key })
const Carry = defineEffect('carry', { input: thing, outcome: thing, key: ({ key }) => key })

const notebook = defineDecider('notebook', {
  commands: { NoteThing },
  facts: { noted: fact(thing) },
  initialState: (): unknown => null,
  decide: { NoteThing: (input, _state, { facts }) => facts.noted(input) },
  evolve: { noted: (_state, { value }) => value },
})

/** The tables in which a thing arrives, one for each path. */
export const ways = ['row', 'timed', 'carried', 'heard', 'projected@1', 'copied@1'] as const

/** The services. */
export function shelfServices(): readonly Service[] {
  const shelf = defineService('shelf', {
    publishes: [ThingKept, ThingState],
    tables: { row: table('row'), timed: table('timed'), carried: table('carried') },
    timers: { later: timer(thing) },
  })
  const reader = defineService('reader', {
    tables: { heard: table('heard') },
    readModels: { projected: table('projected') },
    replicas: { copied: replicaOf(ThingState) },
  })
  return [
    shelf.with({
      notebook: shelf.decider(notebook),
      keep: shelf.command(
        KeepThing,
        { publishes: [ThingKept, ThingState], requests: [Carry], executes: [NoteThing] },
        async (input, { tables, publish, timers, request, execute }) => {
          tables.row.put(input)
          publish(ThingKept, input)
          publish(ThingState, input)
          timers.later.after(input.key, { seconds: 1 }, input)
          request(Carry, input)
          await execute(NoteThing, input)
        },
      ),
      later: shelf.due('later', (data, { tables }) => tables.timed.put(data)),
      carry: shelf.effect(Carry, { perform: (data) => data, outcome: (data, { tables }) => tables.carried.put(data) }),
      thingOf: shelf.query(ThingOf, ({ key }, { tables }) => tables.row.get(key)),
    }),
    reader.with({
      hear: reader.on(ThingKept, (data, { tables }) => tables.heard.put(data)),
      projected: reader
        .projection('projected', { writes: ['projected'] })
        .on(ThingKept, (data, { tables }) => tables.projected.put(data)),
    }),
  ]
}
