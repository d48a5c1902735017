// A start-up and searches with a long history behind them: all of its events are handled when the measurement begins. A contender places the
// orders once, when it prepares; all figures are of one round.

import { Counter } from '../harness/counter.ts'
import { spent } from '../harness/cpu.ts'
import { makeOrder } from '../orders.ts'
import { openPipeline } from '../tidings/pipeline.ts'
import type { Contender, Durability, Measured, Place, Row, SeveralFigures } from '../work.ts'
import { openPublisher } from '../yardstick/publisher.ts'
import { openSubscriber } from '../yardstick/subscriber.ts'

const atOnce = 100

/** The most commands ahead of the handler while the history is made. */
const backlogMax = 10_000

/** The most events that a search returns. */
const foundMax = 100

/** A search by id is short, so it is repeated. */
const idSearches = 200

type By = 'id' | 'key' | 'type'

interface System {
  placeOrder(input: unknown): Promise<unknown>
  /** The ids of the events that it finds. */
  find(by: By, value: string): Promise<readonly string[]>
  settled?(): Promise<void>
  close(): Promise<void> | void
}

type Open = (place: Place, handled: () => void) => Promise<System>

const openTidings: Open = async (place, handled) => {
  const { find, services: _, ...system } = await openPipeline(place, { handled })
  return { ...system, find: async (by, value) => (await find({ [by]: value }, foundMax)).map(({ id }) => id) }
}

const openByHand: Open = async (place, handled) => {
  const publisher = openPublisher(place, () => subscriber.wake())
  const subscriber = openSubscriber(place, 256, handled)
  return {
    placeOrder: publisher.placeOrder,
    find: async (by, value) => publisher.find(by, value, foundMax).map(([, id]) => id),
    close: () => {
      subscriber.close()
      publisher.close()
    },
  }
}

const contender =
  (open: Open): Contender =>
  async (place, { historyCount }) => {
    const handled = new Counter()
    let system = await open(place, handled.add)
    let placed = 0
    const placeNext = () => system.placeOrder(makeOrder(placed++))
    while (placed < historyCount) {
      await Promise.all(Array.from({ length: atOnce }, placeNext))
      await handled.atLeast(placed - backlogMax)
    }
    await handled.atLeast(placed)
    await system.settled?.()
    const [middle = ''] = await system.find('key', `order-${Math.floor(historyCount / 2)}`)

    async function search(by: By, value: string, expected: number, times = 1): Promise<Measured> {
      const { wallMs, cpuMicros } = await spent(async () => {
        for (let time = 0; time < times; time++) {
          const { length } = await system.find(by, value)
          if (length !== expected) throw new Error(`A search by ${by} found ${length} events, not ${expected}.`)
        }
        return times
      })
      return { figure: wallMs / times, cpuMicros: cpuMicros / times }
    }

    return {
      round: async () => {
        await system.close()
        const start = await spent(async () => {
          system = await open(place, handled.add)
          await placeNext()
          return 1
        })
        const byId = await search('id', middle, 1, idSearches)
        const byKey = await search('key', 'order-7', 1)
        const byType = await search('type', 'bench.nobody-has-it', 0)
        return [{ figure: start.wallMs, cpuMicros: start.cpuMicros }, byId, byKey, byType]
      },
      close: () => system.close(),
    }
  }

/** The rows for a durability. */
export function history(durability: Durability): SeveralFigures {
  const row = (work: string, per: string): Row => ({ work: `history: ${work}`, durability, unit: 'ms', per, marks: {} })
  return {
    about:
      'A start-up until the first command is answered, and searches in an event log of a million events. By hand, only the id has an index.',
    durability,
    turns: 3,
    rows: [
      row('start-up, first command answered', 'start'),
      row('search by id', 'search'),
      row('search by key', 'search'),
      row('search by a type that nobody has', 'search'),
    ],
    tidings: contender(openTidings),
    yardstick: contender(openByHand),
  }
}
