// A system in which every schema counts its runs and changes what it parses: euros become cents, and a text becomes its length. If a value is
// parsed twice, the cents are a hundred times too many, or the length is refused.

import {
  defineCommand,
  defineDecider,
  defineEffect,
  defineEvent,
  defineLiveQuery,
  defineQuery,
  defineService,
  defineTable,
  fact,
  replicaOf,
  timer,
} from 'tidings'
import { z } from 'zod'

/** What is sent, returned, published and stored: before it is parsed. */
export const sent = { id: 'a', cents: 5, size: 'abc' }
/** The same after it was parsed once. */
export const parsed = { id: 'a', cents: 500, size: 3 }

/** Creates the services; `runs` counts how often each schema has run. */
export function parsingSystem(fail: () => boolean = () => false) {
  const runs: Record<string, number> = {}
  const amount = (where: string) =>
    z.object({
      id: z.string(),
      cents: z.number().transform((euros) => {
        runs[where] = (runs[where] ?? 0) + 1
        return euros * 100
      }),
      size: z.string().transform((text) => text.length),
    })
  const ofId = ({ id }: { id: string }) => id
  const plain = z.object({ id: z.string(), cents: z.number(), size: z.number() })
  const seen = defineTable('seen')
    .version(1, z.object({ where: z.string(), data: plain }))
    .key(({ where }) => where)
  const payments = defineTable('payments').version(1, amount('row')).key(ofId)
  const Paid = defineEvent('test.paid', { owner: 'bank', pattern: 'state-transfer' })
    .version(1, amount('event'))
    .key(ofId)
  const Pay = defineCommand('pay', { input: amount('command'), output: amount('command answer') })
  const Record = defineCommand('record', { input: amount('executed command'), key: ofId })
  const See = defineCommand('see', { input: z.object({ where: z.string(), data: plain }) })
  const Payment = defineQuery('payment', {
    owner: 'bank',
    input: amount('query'),
    output: amount('query answer'),
  })
  const Payments = defineLiveQuery('payments', { owner: 'bank', input: amount('live query'), row: amount('live row') })
  const Notify = defineEffect('notify', { input: amount('effect'), outcome: amount('outcome'), key: ofId })
  const ledger = defineDecider('ledger', {
    commands: { Record },
    facts: { recorded: fact(amount('fact')) },
    initialState: () => ({}) as object,
    decide: { Record: (_data, _state, { facts }) => facts.recorded(sent) },
    evolve: { recorded: (_state, data): object => data },
    snapshot: { every: 1, version: 1 },
  })
  const bank = defineService('bank', {
    publishes: [Paid],
    tables: { payments, seen },
    timers: { due: timer(amount('timer')) },
  })
  const services = {
    bank: bank.with({
      pay: bank.command(
        Pay,
        { publishes: [Paid], requests: [Notify], executes: [Record] },
        async (data, { publish, tables, timers, request, execute }) => {
          tables.seen.put({ where: 'command', data })
          publish(Paid, sent)
          tables.payments.put(sent)
          timers.due.after('a', { hours: 1 }, sent)
          request(Notify, sent, { after: { hours: 1 } })
          await execute(Record, sent)
          return sent
        },
      ),
      see: bank.command(See, (row, { tables }) => tables.seen.put(row)),
      ledger: bank.decider(ledger),
      care: bank
        .process('care', {
          facts: { noted: fact(amount('process fact')) },
          initialState: () => parsed,
          evolve: { noted: (_state, data) => data },
          timers: { check: timer(amount('process timer')) },
          executes: [See],
        })
        .starts(Paid, ofId, (_data, { timers, facts }) => {
          timers.check.after({ hours: 1 }, sent)
          return facts.noted(sent)
        })
        .due('check', async (data, { state, execute, end }) => {
          await execute(See, { where: 'process timer', data })
          await execute(See, { where: 'process fact', data: state })
          end()
        }),
      due: bank.due('due', (data, { tables }) => tables.seen.put({ where: 'timer', data })),
      notify: bank.effect(Notify, {
        perform: () => sent,
        outcome: (data, { input, tables }) => {
          tables.seen.put({ where: 'effect', data: input })
          tables.seen.put({ where: 'outcome', data })
        },
      }),
      payment: bank.query(Payment, async (data, { tables, streams }) => {
        const all = [data, await tables.payments.get('a'), (await streams.load(ledger, 'a')).state]
        // What the query has read was parsed on its way in; it fails the lookup if it was not.
        for (const each of all) plain.strict().parse(each)
        return sent
      }),
      paymentsLive: bank.live(Payments, { of: 'payments', show: () => sent }),
    }),
    clerk: clerkOf(Paid, Payment, plain, fail),
  }
  return { ...services, ledger, Paid, Pay, Payment, payments, runs }
}

type Plain = z.ZodType<typeof parsed, typeof parsed>

function clerkOf(
  Paid: Parameters<typeof replicaOf>[0],
  Payment: ReturnType<typeof defineQuery>,
  plain: Plain,
  fail: () => boolean,
) {
  const heard = defineTable('heard')
    .version(1, z.object({ where: z.string(), data: plain }))
    .key(({ where }) => where)
  const clerk = defineService('clerk', {
    tables: { heard },
    replicas: { paid: replicaOf(Paid) },
    limits: { attemptsMax: 2 },
  })
  return clerk.with({
    hear: clerk.on(Paid, { lookups: [Payment] }, async (data, { tables, lookup, replicas }) => {
      if (fail()) throw new Error('not now')
      tables.heard.put({ where: 'event', data: data as typeof parsed })
      tables.heard.put({ where: 'lookup', data: (await lookup(Payment, sent)) as typeof parsed })
      tables.heard.put({ where: 'replica', data: (await replicas.paid.require('a')) as typeof parsed })
    }),
  })
}
