// A system whose data have three versions: version 2 adds a currency with a default, and version 3 makes one text of total and currency.
// Everything that can be stored is stored by version 1 of the code: an event, a fact, a row, a timer, an effect, an instance of a process.

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

const v1 = z.object({ id: z.string(), total: z.number() })
const v2 = v1.extend({ currency: z.string().default('EUR') })
const v3 = z.object({ id: z.string(), price: z.string() })

interface Versioned {
  version(version: number, schema: z.ZodType, upcast: (older: never) => unknown): Versioned
}

/** A contract or a definition with version 1, grown to a version. */
function grown<T>(first: T, version: number): T {
  let chain = first as Versioned
  // The step to version 2 leaves the currency to the default of its schema.
  if (version >= 2) chain = chain.version(2, v2, (older: z.infer<typeof v1>) => older)
  if (version >= 3)
    chain = chain.version(3, v3, ({ id, total, currency }: z.infer<typeof v2>) => ({
      id,
      price: `${total} ${currency}`,
    }))
  return chain as T
}

type Data = Readonly<Record<'price' | 'total' | 'currency', unknown>>
const ofId = ({ id }: { id: string }) => id
/** What a version of the code reads as the price. */
const priceOf = (data: object) => String((data as Data).price ?? `${(data as Data).total} ${(data as Data).currency}`)
/** What version 1 of the code is given, as its own data. */
const Sell = defineCommand('sell', { input: v1 })
const Prices = defineQuery('prices', { owner: 'till', input: z.object({}), output: z.record(z.string(), z.string()) })
const Heard = defineQuery('heard', { owner: 'books', input: z.object({}), output: z.record(z.string(), z.string()) })

/** The types of the version that stores; the others are only read, without types. */
function definitionsAt(version: number) {
  return {
    Sold: grown(defineEvent('test.sold', { owner: 'till', pattern: 'state-transfer' }).version(1, v1), version).key(
      ofId,
    ),
    sales: grown(defineTable('sales').version(1, v1), version).key(ofId),
    sold: grown(fact(v1), version),
    due: grown(timer(v1), version),
    Receipt: grown(defineEffect('receipt', { input: v1, key: ofId }), version),
  }
}

const shown = z.object({ where: z.string(), price: z.string() })
const seen = defineTable('seen')
  .version(1, shown)
  .key(({ where }) => where)
const See = defineCommand('see', { input: shown })

/** The service that sells, at a version of its code. */
export function tillAt(version: number): Service {
  const { Sold, sales, sold, due, Receipt } = definitionsAt(version)
  const Record = defineCommand('record', { input: v1, key: ofId })
  const sale = defineDecider('sale', {
    commands: { Record },
    facts: { sold },
    initialState: () => '',
    decide: { Record: (input, _state, { facts }) => facts.sold(input) },
    evolve: { sold: (_state: string, data) => priceOf(data) },
    snapshot: { every: 1, version },
  })
  const till = defineService('till', { publishes: [Sold], tables: { sales, seen }, timers: { due } })
  const care = till
    .process('care', {
      facts: { sold },
      initialState: () => '',
      evolve: { sold: (_state: string, data) => priceOf(data) },
      timers: { due },
      executes: [See],
    })
    .starts(Sold, ofId, (data, { timers, facts }) => {
      timers.due.after({ hours: 1 }, data)
      return facts.sold(data)
    })
    .due('due', async (data, { state, execute, end }) => {
      await execute(See, { where: 'timer of a process', price: priceOf(data) })
      await execute(See, { where: 'state of a process', price: String(state) })
      end()
    })
  return till.with({
    sell: till.command(
      Sell,
      { publishes: [Sold], requests: [Receipt], executes: [Record] },
      async (data, { publish, tables, timers, request, execute }) => {
        publish(Sold, data)
        tables.sales.put(data)
        timers.due.after(data.id, { hours: 1 }, data)
        request(Receipt, data, { after: { hours: 1 } })
        await execute(Record, data)
      },
    ),
    see: till.command(See, (row, { tables }) => tables.seen.put(row)),
    sale: till.decider(sale),
    care,
    due: till.due('due', (data, { tables }) => tables.seen.put({ where: 'timer', price: priceOf(data) })),
    receipt: till.effect(Receipt, {
      perform: () => undefined,
      outcome: (_none, { input, tables }) => tables.seen.put({ where: 'effect', price: priceOf(input) }),
    }),
    prices: till.query(Prices, async (_input, { tables, streams }) => {
      const [first] = await streams.read(sale, 'a')
      return {
        ...Object.fromEntries((await tables.seen.list()).map(({ where, price }) => [where, price])),
        row: priceOf((await tables.sales.get('a')) ?? {}),
        state: String((await streams.load(sale, 'a')).state),
        fact: priceOf(first?.data ?? {}),
      }
    }),
  })
}

/** A service that hears what was sold, at a version of its code. */
export function booksAt(version: number): Service {
  const { Sold } = definitionsAt(version)
  const projected = defineTable('projected')
    .version(1, shown)
    .key(({ where }) => where)
  const books = defineService('books', {
    tables: { seen },
    readModels: { projected },
    replicas: { sold: replicaOf(Sold) },
  })
  return books.with({
    hear: books.on(Sold, (data, { tables }) => tables.seen.put({ where: 'handler', price: priceOf(data) })),
    project: books
      .projection('projected', { writes: ['projected'] })
      .on(Sold, (data, { tables }) => tables.projected.put({ where: 'projection', price: priceOf(data) })),
    heard: books.query(Heard, async (_input, { tables, readModels, replicas }) => {
      const rows = [...(await tables.seen.list()), ...(await readModels.projected.list())]
      return {
        ...Object.fromEntries(rows.map(({ where, price }) => [where, price])),
        replica: priceOf((await replicas.sold.get('a')) ?? {}),
      }
    }),
  })
}
