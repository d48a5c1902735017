// A command writes an event to its service's outbox; a handler of another service writes a row and publishes one event.
// Commands come one at a time, each in its own transaction, and the handler's batches grow with the load; or they come in groups.
// The time runs from the first command until the last event is handled.

import { Counter } from '../harness/counter.ts'
import { beginRound, rateOf } from '../harness/cpu.ts'
import { makeOrder } from '../orders.ts'
import { openPipeline } from '../tidings/pipeline.ts'
import type { Contender, Durability, Work } from '../work.ts'
import { openPublisher } from '../yardstick/publisher.ts'
import { openSubscriber } from '../yardstick/subscriber.ts'

/** The largest batch of the handler if commands come one at a time. */
const adaptiveCountMax = 1_000

/** The most commands ahead of the handler. */
const backlogMax = 20_000

interface Pipeline {
  placeOrder(input: unknown): Promise<unknown>
  /** The orders that the handler has got. */
  readonly handled: Counter
  /** Resolves when all handled orders are committed. */
  settled?(): Promise<void>
}

/** Sends commands for a round, `atOnce` at a time, and waits until all are handled. */
async function flow({ placeOrder, handled, settled }: Pipeline, atOnce: number): Promise<number> {
  const over = beginRound()
  const before = handled.count
  let sent = before
  while (!over()) {
    if (atOnce === 1) await placeOrder(makeOrder(sent))
    else await Promise.all(Array.from({ length: atOnce }, (_, index) => placeOrder(makeOrder(sent + index))))
    sent += atOnce
    await handled.atLeast(sent - backlogMax)
  }
  await handled.atLeast(sent)
  await settled?.()
  return sent - before
}

function tidings(atOnce: number): Contender {
  return async (place) => {
    const handled = new Counter()
    const pipeline = await openPipeline(place, {
      groupUnitsMax: atOnce,
      batchCountMax: atOnce === 1 ? adaptiveCountMax : atOnce,
      handled: handled.add,
    })
    return {
      round: () => rateOf(() => flow({ ...pipeline, handled }, atOnce)),
      close: pipeline.close,
    }
  }
}

function yardstick(atOnce: number): Contender {
  return async (place) => {
    const handled = new Counter()
    const publisher = openPublisher(place, () => subscriber.wake())
    const subscriber = openSubscriber(place, atOnce === 1 ? adaptiveCountMax : atOnce, handled.add)
    return {
      round: () => rateOf(() => flow({ placeOrder: publisher.placeOrder, handled }, atOnce)),
      close: () => {
        subscriber.close()
        publisher.close()
      },
    }
  }
}

/** The row for a number of concurrent commands and a durability. */
export const commandToHandler = (atOnce: 1 | 100 | 1000, durability: Durability): Work => ({
  work: `command → handler, ${atOnce === 1 ? 'one at a time' : `${atOnce.toLocaleString('en')} a batch`}`,
  about:
    atOnce === 1
      ? 'Each command is a transaction and publishes an event; a handler of another service writes a row and publishes one. Its batches grow with the load.'
      : `The same with ${atOnce.toLocaleString('en')} commands at once, which share a transaction, and batches of as many events.`,
  durability,
  unit: 'commands/s',
  marks: { yardstick: { 1: 0.95, 100: 0.75, 1000: 0.7 }[atOnce] },
  tidings: tidings(atOnce),
  yardstick: yardstick(atOnce),
})
