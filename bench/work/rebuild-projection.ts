// Rebuilds a read model of 1,000 customers (their orders and cents) from history, beside the live one if the contender has one.
// Emmett works on a shorter history, because its rate does not depend on the length.

import { openEmmett } from '../emmett/emmett.ts'
import { rateOf } from '../harness/cpu.ts'
import { customerCount, makeOrder } from '../orders.ts'
import { openLedger } from '../tidings/ledger.ts'
import type { Contender, Durability, Work } from '../work.ts'
import { openDatabase } from '../yardstick/open-database.ts'
import { rebuildByCustomer } from '../yardstick/projection.ts'
import { openStreams } from '../yardstick/streams.ts'

const streamCount = 1_000
const length = 100

/** The events of a stream; over all streams, every customer has the same number. */
const eventsOf = (stream: number, count = length) =>
  Array.from({ length: count }, (_, number) => makeOrder(stream * count + number, `order-${stream}`))

const tidings: Contender = async (place) => {
  const ledger = await openLedger(place, { projection: true })
  for (let stream = 0; stream < streamCount; stream++) await ledger.append(`order-${stream}`, 0, eventsOf(stream))
  await ledger.settled()
  return {
    round: () =>
      rateOf(async () => {
        await ledger.rebuild()
        return streamCount * length
      }),
    close: ledger.close,
  }
}

const yardstick: Contender = async ({ folder, durability }) => {
  const database = openDatabase(folder, 'orders', durability)
  const streams = openStreams(database)
  for (let stream = 0; stream < streamCount; stream++)
    database.transaction(() => {
      for (const [version, order] of eventsOf(stream).entries()) streams.append(`order-${stream}`, version, order)
    })
  return {
    round: () => rateOf(() => rebuildByCustomer(database)),
    close: database.close,
  }
}

/** Emmett: an asynchronous projection in a consumer that stops after the last event. */
function emmettWith(streams: number, pulling?: { batchSize: number; pullingFrequencyInMs: number }): Contender {
  return async (place) => {
    const { store, connection, projection, append } = await openEmmett(place)
    for (let stream = 0; stream < streams; stream++) await append(`order-${stream}`, 0, ...eventsOf(stream))
    let run = 0
    const round = async () => {
      run += 1
      const table = `by_customer_${run}`
      await connection.command(
        `CREATE TABLE ${table} (customer TEXT PRIMARY KEY, orders INTEGER NOT NULL, cents INTEGER NOT NULL)`,
      )
      const upsert = `INSERT INTO ${table} VALUES (?, 1, ?)
        ON CONFLICT (customer) DO UPDATE SET orders = orders + 1, cents = cents + excluded.cents`
      const consumer = store.consumer(pulling === undefined ? {} : { pulling })
      consumer.processor({
        processorId: table,
        projection: projection({
          name: table,
          canHandle: ['OrderPlaced'],
          handle: async (events, context) => {
            for (const { data } of events) await context.connection.command(upsert, [data.customerId, data.cents])
          },
        }),
        startFrom: 'BEGINNING',
        stopAfter: ({ metadata }) => metadata.globalPosition === BigInt(streams * length),
      })
      const count = streams * length
      const figure = await rateOf(async () => {
        await consumer.start()
        return count
      })
      const sum = await connection.querySingle<{ orders: number }>(`SELECT sum(orders) AS orders FROM ${table}`)
      if (sum?.orders !== count) throw new Error(`Emmett projected ${sum?.orders} of ${count} events.`)
      return figure
    }
    return { round, close: () => connection.close() }
  }
}

/** The row for a durability. */
export const rebuildProjection = (durability: Durability): Work => ({
  work: 'rebuild a projection',
  about: `A read model of ${customerCount.toLocaleString('en')} customers is rebuilt from ${(streamCount * length).toLocaleString('en')} events, beside the live one.`,
  durability,
  unit: 'events/s',
  marks: { yardstick: 0.75, emmett: 50, emmettTuned: 25 },
  tidings,
  yardstick,
  emmett: emmettWith(25),
  emmettTuned: emmettWith(60, { batchSize: 1_000, pullingFrequencyInMs: 0 }),
})
