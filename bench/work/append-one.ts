// One caller appends one event at a time to a stream, with the expected version; each append is a transaction.

import { openEmmett } from '../emmett/emmett.ts'
import { perSecond } from '../harness/cpu.ts'
import { makeOrder } from '../orders.ts'
import { openLedger } from '../tidings/ledger.ts'
import type { Contender, Durability, Work } from '../work.ts'
import { openDatabase } from '../yardstick/open-database.ts'
import { openStreams } from '../yardstick/streams.ts'

const streamCount = 1_000

/** Appends round robin to many streams, through `append(stream, expectedVersion, number)`. */
function roundRobin(append: (stream: string, expectedVersion: number, number: number) => Promise<unknown> | undefined) {
  let number = 0
  return () =>
    perSecond(async () => {
      const stream = `order-${number % streamCount}`
      const pending = append(stream, Math.floor(number / streamCount), number)
      if (pending !== undefined) await pending
      number += 1
      return 1
    })
}

const tidings: Contender = async (place) => {
  const ledger = await openLedger(place)
  return {
    round: roundRobin((stream, version, number) => ledger.append(stream, version, [makeOrder(number, stream)])),
    close: ledger.close,
  }
}

const yardstick: Contender = async ({ folder, durability }) => {
  const database = openDatabase(folder, 'orders', durability)
  const streams = openStreams(database)
  return {
    round: roundRobin((stream, version, number) => {
      database.transaction(() => streams.append(stream, version, makeOrder(number, stream)))
      return undefined
    }),
    close: database.close,
  }
}

const emmett: Contender = async (place) => {
  const { connection, append } = await openEmmett(place)
  return {
    round: roundRobin((stream, version, number) => append(stream, version, makeOrder(number, stream))),
    close: () => connection.close(),
  }
}

/** The row for a durability. */
export const appendOne = (durability: Durability): Work => ({
  work: 'append, one caller',
  about:
    'One caller appends one event at a time to one of 1,000 streams, with the expected version; each append is a transaction.',
  durability,
  unit: 'events/s',
  marks: { yardstick: 0.9, emmett: durability === 'power-loss' ? 2.5 : 6 },
  tidings,
  yardstick,
  emmett,
})
