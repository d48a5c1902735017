// Reads streams of 100 events, one after the other, and folds each into a state.

import { openEmmett } from '../emmett/emmett.ts'
import { perSecond } from '../harness/cpu.ts'
import { addOrder, emptyTotal, makeOrder, type OrderPlaced, type OrderTotal } from '../orders.ts'
import { openLedger } from '../tidings/ledger.ts'
import type { Contender, Work } from '../work.ts'
import { openDatabase } from '../yardstick/open-database.ts'
import { openStreams } from '../yardstick/streams.ts'

const streamCount = 200
const length = 100

const eventsOf = (stream: string): OrderPlaced[] => Array.from({ length }, (_, number) => makeOrder(number, stream))

const streamNames = Array.from({ length: streamCount }, (_, number) => `order-${number}`)

/** Folds one stream after the other, through `fold(stream)`, and checks the result. */
function foldAll(fold: (stream: string) => Promise<OrderTotal> | OrderTotal) {
  let number = 0
  return () =>
    perSecond(async () => {
      const folded = fold(streamNames[number % streamCount] ?? '')
      const { count } = folded instanceof Promise ? await folded : folded
      if (count !== length) throw new Error(`A stream of ${length} events was folded into a count of ${count}.`)
      number += 1
      return length
    })
}

const tidings: Contender = async (place) => {
  const ledger = await openLedger(place)
  for (const stream of streamNames) await ledger.append(stream, 0, eventsOf(stream))
  return { round: foldAll(ledger.fold), close: ledger.close }
}

const yardstick: Contender = async ({ folder, durability }) => {
  const database = openDatabase(folder, 'orders', durability)
  const streams = openStreams(database)
  for (const stream of streamNames)
    database.transaction(() => {
      for (const [version, order] of eventsOf(stream).entries()) streams.append(stream, version, order)
    })
  return {
    round: foldAll(streams.fold),
    close: database.close,
  }
}

const emmett: Contender = async (place) => {
  const { store, connection, append } = await openEmmett(place)
  for (const stream of streamNames) await append(stream, 0, ...eventsOf(stream))
  return {
    round: foldAll(async (stream) => {
      const { state } = await store.aggregateStream<OrderTotal>(stream, {
        initialState: () => emptyTotal,
        evolve: (total, event) => addOrder(total, event.data),
      })
      return state
    }),
    close: () => connection.close(),
  }
}

/** The row. */
export const readAndFold: Work = {
  work: 'read a stream of 100 and fold it',
  about: 'Streams of 100 events are read and folded into a state, one after the other.',
  durability: 'power-loss',
  unit: 'events/s',
  marks: { yardstick: 0.85, emmett: 4 },
  tidings,
  yardstick,
  emmett,
}
