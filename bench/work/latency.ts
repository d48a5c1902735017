// Five hundred commands a second: the median time from calling a command until the handler of its event begins. Publisher and subscriber are
// in one process, or in two; then a byte over a local socket wakes the subscriber up.

import { atPace } from '../harness/at-pace.ts'
import { type OtherProcess, startOtherProcess } from '../harness/other-process.ts'
import { median, monotonicMs } from '../harness/timing.ts'
import { makeOrder } from '../orders.ts'
import { openPipeline } from '../tidings/pipeline.ts'
import type { Contender, Durability, Place, Work } from '../work.ts'
import { openPublisher } from '../yardstick/publisher.ts'
import { openSubscriber } from '../yardstick/subscriber.ts'
import { openWakeUps } from '../yardstick/wake-up.ts'
import { commandWork } from './command-to-handler.ts'

const everyMs = 2
const commandCount = 600
const batchCountMax = 256

/** Sends the commands of a round at their times. */
function sendAtPace(placeOrder: (input: unknown) => Promise<unknown>, begunAt: number): Promise<void> {
  return atPace(commandCount, everyMs, (index) => {
    const number = begunAt + index
    return placeOrder(makeOrder(number, `order-${number}`, monotonicMs()))
  })
}

/** In one process: `open` makes a publisher, and its orders reach `handled`. */
function inOneProcess(
  open: (
    place: Place,
    handled: (order: { calledAt: number }) => void,
  ) => Promise<{ placeOrder(input: unknown): Promise<unknown>; close(): Promise<void> | void }>,
): Contender {
  return async (place) => {
    let latencies: number[] = []
    let sent = 0
    const { placeOrder, close } = await open(place, ({ calledAt }) => latencies.push(monotonicMs() - calledAt))
    return {
      round: async () => {
        latencies = []
        await sendAtPace(placeOrder, sent)
        sent += commandCount
        while (latencies.length < commandCount) await new Promise<void>((resolve) => setTimeout(resolve, 1))
        return median(latencies)
      },
      close,
    }
  }
}

/** In two processes: `open` makes the publisher, and the file `other` runs the subscriber. */
function inTwoProcesses(
  other: URL,
  open: (place: Place) => Promise<{ placeOrder(input: unknown): Promise<unknown>; close(): Promise<void> | void }>,
): Contender {
  return async (place) => {
    const { placeOrder, close } = await open(place)
    const subscriber: OtherProcess = await startOtherProcess(other, place)
    let sent = 0
    return {
      round: async () => {
        await sendAtPace(placeOrder, sent)
        sent += commandCount
        return median(await subscriber.take(commandCount))
      },
      close: async () => {
        await subscriber.close()
        await close()
      },
    }
  }
}

const contenders = {
  1: {
    tidings: inOneProcess((place, handled) => openPipeline(place, { handled })),
    yardstick: inOneProcess(async (place, handled) => {
      const publisher = openPublisher(place, () => subscriber.wake())
      const subscriber = openSubscriber(place, batchCountMax, handled)
      return {
        placeOrder: publisher.placeOrder,
        close: () => {
          subscriber.close()
          publisher.close()
        },
      }
    }),
  },
  2: {
    tidings: inTwoProcesses(new URL('../tidings/subscriber-process.ts', import.meta.url), (place) =>
      openPipeline(place, { services: ['orders'] }),
    ),
    yardstick: inTwoProcesses(new URL('../yardstick/subscriber-process.ts', import.meta.url), async (place) => {
      const wakeUps = await openWakeUps(place.folder)
      const publisher = openPublisher(place, wakeUps.send)
      return {
        placeOrder: publisher.placeOrder,
        close: () => {
          publisher.close()
          wakeUps.close()
        },
      }
    }),
  },
} satisfies Record<number, Pick<Work, 'tidings' | 'yardstick'>>

/** The row for one process or two, and a durability. */
export const latency = (processes: 1 | 2, durability: Durability): Work => ({
  work: `${commandWork}, at 500 a second: median latency, ${processes === 1 ? 'one process' : 'two processes'}`,
  durability,
  unit: 'ms',
  marks: { yardstick: 2 },
  ...contenders[processes],
})
