// Sixteen concurrent callers append, each to its own streams, each waiting for its append before the next.
// Emmett's callers take turns: on one connection, concurrent calls would share a transaction and return before it is committed.

import { openEmmett } from '../emmett/emmett.ts'
import { beginRound, rateOf } from '../harness/cpu.ts'
import { makeOrder } from '../orders.ts'
import { openLedger } from '../tidings/ledger.ts'
import type { Contender, Durability, Work } from '../work.ts'
import { openGroupCommit } from '../yardstick/group-commit.ts'
import { openDatabase } from '../yardstick/open-database.ts'
import { openStreams } from '../yardstick/streams.ts'

const callerCount = 16
const streamsOfCaller = 64

/** Lets all callers append for a round, through `append(stream, expectedVersion, number)`. */
function callersAtOnce(append: (stream: string, expectedVersion: number, number: number) => Promise<unknown>) {
  const appended = new Array<number>(callerCount).fill(0)
  const round = async () => {
    const over = beginRound()
    let count = 0
    const call = async (caller: number) => {
      while (!over()) {
        const number = appended[caller] ?? 0
        const stream = `order-${caller}-${number % streamsOfCaller}`
        await append(stream, Math.floor(number / streamsOfCaller), number)
        appended[caller] = number + 1
        count += 1
      }
    }
    await Promise.all(appended.map((_, caller) => call(caller)))
    return count
  }
  return () => rateOf(round)
}

const tidings: Contender = async (place) => {
  const ledger = await openLedger(place)
  return {
    round: callersAtOnce((stream, version, number) => ledger.append(stream, version, [makeOrder(number, stream)])),
    close: ledger.close,
  }
}

const yardstick: Contender = async ({ folder, durability }) => {
  const database = openDatabase(folder, 'orders', durability)
  const streams = openStreams(database)
  const together = openGroupCommit(database)
  return {
    round: callersAtOnce((stream, version, number) =>
      together(() => streams.append(stream, version, makeOrder(number, stream))),
    ),
    close: database.close,
  }
}

const emmett: Contender = async (place) => {
  const { append, connection } = await openEmmett(place)
  let last: Promise<unknown> = Promise.resolve()
  return {
    round: callersAtOnce((stream, version, number) => {
      last = last.then(() => append(stream, version, makeOrder(number, stream)))
      return last
    }),
    close: () => connection.close(),
  }
}

/** The row for a durability. */
export const appendAtOnce = (durability: Durability): Work => ({
  work: `append, ${callerCount} callers`,
  about: `${callerCount} callers at once append one event at a time, each to its own streams and with the expected version.`,
  durability,
  unit: 'events/s',
  marks: { yardstick: 1, emmett: 10 },
  tidings,
  yardstick,
  emmett,
})
