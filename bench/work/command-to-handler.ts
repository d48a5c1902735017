// A command puts an event into its service's outbox; a handler of another service writes a table and publishes one event.
// Commands come one by one, each in a transaction of its own, with batches behind it that grow with the load; or so many at once.
// The figure counts from the first command until the last one's event is handled.

import { roundMs } from '../harness/timing.ts'
import { makeOrder } from '../orders.ts'
import { openPipeline } from '../tidings/pipeline.ts'
import type { Contender, Durability, Work } from '../work.ts'
import { openPublisher } from '../yardstick/publisher.ts'
import { openSubscriber } from '../yardstick/subscriber.ts'

/** What the rows have in common. */
export const commandWork = 'command → outbox → handler with a table write and one event published'

/** Batches where commands come one by one: as many as there are, up to this. */
const adaptiveCountMax = 1_000

/** The most commands ahead of the handler. */
const backlogMax = 20_000

interface Pipeline {
  placeOrder(input: unknown): Promise<unknown>
  /** How many orders the handler was given so far. */
  handledCount(): number
  /** Resolves when what was handled is committed. */
  settled?(): Promise<void>
}

/** Sends commands for a round, so many at once, and waits until all are handled. */
async function flow({ placeOrder, handledCount, settled }: Pipeline, atOnce: number, begunAt: number): Promise<number> {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  const begin = performance.now()
  let sent = begunAt
  while (performance.now() - begin < roundMs) {
    if (atOnce === 1) await placeOrder(makeOrder(sent))
    else await Promise.all(Array.from({ length: atOnce }, (_, index) => placeOrder(makeOrder(sent + index))))
    sent += atOnce
    while (sent - handledCount() > backlogMax) await turn()
  }
  while (handledCount() < sent) await turn()
  await settled?.()
  return ((sent - begunAt) / (performance.now() - begin)) * 1_000
}

function tidings(atOnce: number): Contender {
  return async (place) => {
    let handled = 0
    const pipeline = await openPipeline(place, {
      groupUnitsMax: atOnce,
      batchCountMax: atOnce === 1 ? adaptiveCountMax : atOnce,
      handled: () => {
        handled += 1
      },
    })
    return {
      round: () => flow({ ...pipeline, handledCount: () => handled }, atOnce, handled),
      close: pipeline.close,
    }
  }
}

function yardstick(atOnce: number): Contender {
  return async (place) => {
    let handled = 0
    const publisher = openPublisher(place, () => subscriber.wake())
    const subscriber = openSubscriber(place, atOnce === 1 ? adaptiveCountMax : atOnce, () => {
      handled += 1
    })
    return {
      round: () => flow({ placeOrder: publisher.placeOrder, handledCount: () => handled }, atOnce, handled),
      close: () => {
        subscriber.close()
        publisher.close()
      },
    }
  }
}

/** The row for so many commands at once and a durability. */
export const commandToHandler = (atOnce: 1 | 100 | 1000, durability: Durability): Work => ({
  work:
    atOnce === 1
      ? `${commandWork}, a transaction a command, adaptive batches behind it`
      : `${commandWork}, ${atOnce.toLocaleString('en')} a batch`,
  durability,
  unit: 'commands/s',
  marks: { yardstick: atOnce === 1 ? 0.6 : 0.5 },
  tidings: tidings(atOnce),
  yardstick: yardstick(atOnce),
})
