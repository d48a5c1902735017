// Every place for a value in the functions that declare a service.
import { Command } from './calls-of-contracts.ts'
import { type Call, eachOption, keyOf, plain, run, schema } from './plain.ts'

const { defineDecider, defineEffect, defineEvent, defineLiveQuery, defineQuery, defineService, defineTable } = plain
const { fact, replicaOf, timer } = plain

const event = defineEvent('a.b', { owner: 'svc', pattern: 'state-transfer' }).version(1, schema).key(keyOf)
const query = defineQuery('q', { owner: 'svc', input: schema, output: schema })
const live = defineLiveQuery('l', { owner: 'svc', input: schema, row: schema })
const effect = defineEffect('e', { input: schema, key: keyOf })
const tableNamed = (name: string) => defineTable(name).version(1, schema).key(keyOf)
const parts = { facts: { f: fact(schema) }, initialState: run }
const decider = defineDecider('d', { commands: { Command }, ...parts, decide: { Command: run } })
const declared = {
  publishes: [event],
  tables: { t: tableNamed('t') },
  replicas: { r: replicaOf(event) },
  timers: { tick: timer() },
}
const service = () => defineService('svc', { ...declared, readModels: { rm: tableNamed('rm') } })
const complete = (options: unknown) => defineService('svc', options).with({})
const uses = { publishes: [event], executes: [Command], requests: [effect], description: '' }
const heard = { ...uses, lookups: [query], subscriber: 'x', from: 'now', was: 'y', effectsFrom: 'now' }

const ofServices: readonly Call[] = [
  ['defineService: its name', (given) => defineService(given)],
  ['defineService: its options', complete],
  ...eachOption(
    'defineService:',
    { ...declared, readModels: {}, subscribers: {}, limits: {}, was: 'old', idempotencyKeepDays: 1, description: '' },
    complete,
  ),
  ['service: an event of publishes', (given) => complete({ publishes: [given] })],
  ['service: a table', (given) => complete({ tables: { t: given } })],
  ['service: a read model', (given) => complete({ readModels: { t: given } })],
  ['service: a replica', (given) => complete({ replicas: { t: given } })],
  ['service: a timer', (given) => complete({ timers: { t: given } })],
  ['service: a subscriber', (given) => complete({ subscribers: { t: given } })],
  ['service: a limit', (given) => complete({ limits: { attemptsMax: given } })],
  ['with: its parts', (given) => defineService('svc').with(given)],
  ['with: a part', (given) => defineService('svc').with({ part: given })],
]

const ofHandlers: readonly Call[] = [
  ['on: its event', (given) => service().on(given, run)],
  ['on: its options', (given) => service().on(event, given, run)],
  ['on: its function', (given) => service().on(event, given)],
  ['on: its function after options', (given) => service().on(event, {}, given)],
  ...eachOption('on:', heard, (options) => {
    const it = service()
    return it.with({
      handler: it.on(event, options, run),
      command: it.command(Command, run),
      tick: it.due('tick', run),
      perform: it.effect(effect, { perform: run }),
      projection: it.projection('p', { writes: ['rm'] }).on(event, run),
    })
  }),
  ...Object.keys(uses).map(
    (list): Call => [`on: a contract of ${list}`, (given) => service().on(event, { [list]: [given] }, run)],
  ),
  ['onRetracted: its event', (given) => service().onRetracted(given, run)],
  ['onRetracted: its function', (given) => service().onRetracted(event, given)],
  ['due: its timer', (given) => service().due(given, run)],
  ['due: its options', (given) => service().due('tick', given, run)],
  ['due: its function', (given) => service().due('tick', {}, given)],
  ...eachOption('due:', uses, (options) => service().due('tick', options, run)),
]

const ofAnswers: readonly Call[] = [
  ['command: its contract', (given) => service().command(given, run)],
  ['command: its options', (given) => service().command(Command, given, run)],
  ['command: its function', (given) => service().command(Command, given)],
  ...eachOption('command:', uses, (options) => service().command(Command, options, run)),
  ['query: its contract', (given) => service().query(given, run)],
  ['query: its function', (given) => service().query(query, given)],
  ['live: its contract', (given) => service().live(given, { of: 't' })],
  ['live: its options', (given) => service().live(live, given)],
  ...eachOption('live:', { of: 't', where: run, newest: 1, show: run }, (options) => service().live(live, options)),
  ['decider: its decider', (given) => service().decider(given)],
  ['decider: its options', (given) => service().decider(decider, given)],
  ...eachOption('decider:', { publishes: [event], announce: {} }, (options) => service().decider(decider, options)),
  ['decider: a function of announce', (given) => service().decider(decider, { announce: { f: given } })],
]

const projection = () => service().projection('p', { writes: ['rm'] })

const ofProjectionsAndEffects: readonly Call[] = [
  ['projection: its name', (given) => service().projection(given, { writes: ['rm'] })],
  ['projection: its options', (given) => service().projection('p', given)],
  ...eachOption('projection:', { writes: ['rm'], mode: 'async' }, (options) => service().projection('p', options)),
  ['projection: its event', (given) => projection().on(given, run)],
  ['projection: its function', (given) => projection().on(event, given)],
  ['projection: its retracted event', (given) => projection().onRetracted(given, run)],
  ['projection: its decider', (given) => projection().onFact(given, 'f', run)],
  ['projection: its fact', (given) => projection().onFact(decider, given, run)],
  ['projection: its function for a fact', (given) => projection().onFact(decider, 'f', given)],
  ['effect: its contract', (given) => service().effect(given, { perform: run })],
  ['effect: its options', (given) => service().effect(effect, given)],
  ...eachOption(
    'effect:',
    {
      ...uses,
      ...{ perform: run, outcome: run, was: 'x', timeoutMs: 1, attemptsMax: 1, inParallelMax: 1 },
      breaker: { failures: 1, pauseMs: 1 },
    },
    (options) => service().effect(effect, options),
  ),
  ...eachOption('effect: breaker', { failures: 1, pauseMs: 1 }, (breaker) =>
    service().effect(effect, { perform: run, breaker }),
  ),
]

const manager = (changed: object = {}) => service().process('p', { ...parts, timers: { tick: timer() }, ...changed })

const ofProcesses: readonly Call[] = [
  ['process: its name', (given) => service().process(given, parts)],
  ['process: its parts', (given) => service().process('p', given)],
  ...eachOption(
    'process:',
    { ...parts, ...heard, evolve: {}, snapshot: { every: 1, version: 1 }, timers: {} },
    manager,
  ),
  ['process: a timer', (given) => manager({ timers: { tick: given } })],
  ['starts: its event', (given) => manager().starts(given, keyOf, run)],
  ['starts: its key', (given) => manager().starts(event, given, run)],
  ['starts: its function', (given) => manager().starts(event, keyOf, given)],
  ['process: its next event', (given) => manager().on(given, keyOf, run)],
  ['process: key of its next event', (given) => manager().on(event, given, run)],
  ['process: function of its next event', (given) => manager().on(event, keyOf, given)],
  ['process: its timer', (given) => manager().due(given, run)],
  ['process: function of its timer', (given) => manager().due('tick', given)],
]

/** Every place for a value in the functions that declare a service. */
export const callsOfServices: readonly Call[] = [
  ...[...ofServices, ...ofHandlers, ...ofAnswers],
  ...[...ofProjectionsAndEffects, ...ofProcesses],
]
