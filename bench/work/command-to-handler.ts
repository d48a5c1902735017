// A command writes an event to its service's outbox; a handler of another service writes a row and publishes one event.
// Commands come one at a time, each in its own transaction, and the handler's batches grow with the load; or they come in groups.
// The time runs from the first command until the last event is handled.

import { roundMs } from '../harness/timing.ts'
import { makeOrder } from '../orders.ts'
import { openPipeline } from '../tidings/pipeline.ts'
import type { Contender, Durability, Work } from '../work.ts'
import { openPublisher } from '../yardstick/publisher.ts'
import { openSubscriber } from '../yardstick/subscriber.ts'

/** The common part of the rows' names. */
export const commandWork = 'command → outbox → handler with a table write and one event published'

/** The largest batch of the handler if commands come one at a time. */
const adaptiveCountMax = 1_000

/** The most commands ahead of the handler. */
const backlogMax = 20_000

interface Pipeline {
  placeOrder(input: unknown): Promise<unknown>
  /** How many orders the handler has got so far. */
  handledCount(): number
  /** Resolves when all handled orders are committed. */
  settled?(): Promise<void>
}

/** Sends commands for a round, `atOnce` at a time, and waits until all are handled. */
async function flow({ placeOrder, handledCount, settled }: Pipeline, atOnce: number, begunAt: number): Promise<number> {
  const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
  const begin = performance.now()
  let sent = begunAt
  while (performance.now() - begin < roundMs) {
    if (atOnce === 1) await placeOrder(makeOrder(sent))
    else await Promise.all(Array.from({ length: atOnce }, (_, index) => placeOrder(makeOrder(sent + index))))
    sent += atOnce
    while (sent - handledCount() > backlogMax) await nextTurn()
  }
  while (handledCount() < sent) await nextTurn()
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

/** The row for a number of concurrent commands and a durability. */
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
