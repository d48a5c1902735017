// Every place for a value in the functions that define contracts.
import { type Call, eachOption, keyOf, plain, run, schema } from './plain.ts'

const { defineCommand, defineDecider, defineEffect, defineEvent, defineLiveQuery, defineQuery } = plain
const { defineTable, fact, parseCron, reject, replicaOf, timer } = plain

const owned = { owner: 'svc', pattern: 'state-transfer' }
const event = () => defineEvent('a.b', owned).version(1, schema)
const table = () => defineTable('t').version(1, schema)
const effect = () => defineEffect('e', { input: schema, key: keyOf })
export const Command = defineCommand('do-it', { input: schema, key: keyOf })
const parts = { commands: { Command }, facts: { f: fact(schema) }, initialState: run, decide: { Command: run } }
const snapshot = { every: 1, version: 1 }
const decider = (changed: object) => defineDecider('d', { ...parts, ...changed })

const ofEvents: readonly Call[] = [
  ['defineEvent: its name', (given) => defineEvent(given, owned)],
  ['defineEvent: its options', (given) => defineEvent('a.b', given)],
  ...eachOption('defineEvent:', { ...owned, description: '' }, (options) => defineEvent('a.b', options)),
  ['event: version 1', (given) => defineEvent('a.b', owned).version(given, schema)],
  ['event: its schema', (given) => defineEvent('a.b', owned).version(1, given)],
  ['event: its key', (given) => event().key(given)],
  ['event: version 2', (given) => event().version(given, schema, run)],
  ['event: schema of version 2', (given) => event().version(2, given, run)],
  ['event: its upcaster', (given) => event().version(2, schema, given)],
  ['event: options of version 2', (given) => event().version(2, schema, run, given)],
  ...eachOption('event:', { compatible: true, downcast: run }, (options) => event().version(2, schema, run, options)),
]

const ofCalls: readonly Call[] = [
  ['defineCommand: its name', (given) => defineCommand(given, { input: schema })],
  ['defineCommand: its options', (given) => defineCommand('c', given)],
  ...eachOption(
    'defineCommand:',
    { input: schema, output: schema, key: keyOf, expose: true, description: '' },
    (options) => defineCommand('c', options),
  ),
  ['defineQuery: its name', (given) => defineQuery(given, { owner: 'svc', input: schema, output: schema })],
  ['defineQuery: its options', (given) => defineQuery('q', given)],
  ...eachOption(
    'defineQuery:',
    { owner: 'svc', input: schema, output: schema, expose: true, description: '' },
    (options) => defineQuery('q', options),
  ),
  ['defineLiveQuery: its name', (given) => defineLiveQuery(given, { owner: 'svc', input: schema, row: schema })],
  ['defineLiveQuery: its options', (given) => defineLiveQuery('l', given)],
  ...eachOption(
    'defineLiveQuery:',
    { owner: 'svc', input: schema, row: schema, expose: true, description: '' },
    (options) => defineLiveQuery('l', options),
  ),
  ['reject: its code', (given) => reject(given, 'No.')],
  ['reject: its message', (given) => reject('no', given)],
  ['reject: its details', (given) => reject('no', 'No.', given)],
]

const ofStoredData: readonly Call[] = [
  ['defineTable: its name', (given) => defineTable(given)],
  ['table: version 1', (given) => defineTable('t').version(given, schema)],
  ['table: its schema', (given) => defineTable('t').version(1, given)],
  ['table: its key', (given) => table().key(given)],
  ['table: version 2', (given) => table().version(given, schema, run)],
  ['table: its migration', (given) => table().version(2, schema, given)],
  ['table: its index', (given) => table().key(keyOf).index(given)],
  ['table: what is unique', (given) => table().key(keyOf).unique(given)],
  ['table: options of unique', (given) => table().key(keyOf).unique('id', given)],
  ...eachOption('table: unique', { code: 'a', message: 'b', tooLong: 'c' }, (options) =>
    table().key(keyOf).unique('id', options),
  ),
  ['fact: its schema', (given) => fact(given)],
  ['fact: version 2', (given) => fact(schema).version(given, schema, run)],
  ['fact: its upcaster', (given) => fact(schema).version(2, schema, given)],
  ['replicaOf: its contract', (given) => replicaOf(given)],
  ['replicaOf: its options', (given) => replicaOf(event().key(keyOf), given)],
  ['replicaOf: its indexes', (given) => replicaOf(event().key(keyOf), { indexes: given })],
]

const ofTimeAndEffects: readonly Call[] = [
  ['timer: its schema', (given) => timer(given)],
  ['timer: every', (given) => timer({ every: given })],
  ['timer: its cron time', (given) => timer({ every: { cron: given } })],
  ['timer: its time zone', (given) => timer({ every: { cron: '* * * * *', timeZone: given } })],
  ['timer: version 2', (given) => timer(schema).version(given, schema, run)],
  ['timer: its upcaster', (given) => timer(schema).version(2, schema, given)],
  ['parseCron: its expression', (given) => parseCron(given)],
  ['parseCron: its time zone', (given) => parseCron('* * * * *', given)],
  ['defineEffect: its name', (given) => defineEffect(given, { input: schema, key: keyOf })],
  ['defineEffect: its options', (given) => defineEffect('e', given)],
  ...eachOption('defineEffect:', { input: schema, outcome: schema, key: keyOf, description: '' }, (options) =>
    defineEffect('e', options),
  ),
  ['effect: version 2', (given) => effect().version(given, schema, run)],
  ['effect: its upcaster', (given) => effect().version(2, schema, given)],
  ['effect: key of version 2', (given) => effect().version(2, schema, run, given)],
]

const ofDeciders: readonly Call[] = [
  ['defineDecider: its name', (given) => defineDecider(given, parts)],
  ['defineDecider: its parts', (given) => defineDecider('d', given)],
  ...eachOption('defineDecider:', { ...parts, evolve: {}, snapshot }, decider),
  ['decider: a command', (given) => decider({ commands: { Command: given } })],
  ['decider: a fact', (given) => decider({ facts: { f: given } })],
  ['decider: a function of decide', (given) => decider({ decide: { Command: given } })],
  ['decider: a function of evolve', (given) => decider({ evolve: { f: given } })],
  ...eachOption('decider: snapshot', snapshot, (changed) => decider({ snapshot: changed })),
]

/** Every place for a value in the functions that define contracts. */
export const callsOfContracts: readonly Call[] = [
  ...[...ofEvents, ...ofCalls, ...ofStoredData],
  ...[...ofTimeAndEffects, ...ofDeciders],
]
