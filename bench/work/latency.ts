// Five hundred commands a second: the median time from calling a command until the handler of its event begins. Publisher and subscriber are
// in one process, or in two; then a byte over a local socket wakes the subscriber up.

import { atPace } from '../harness/at-pace.ts'
import { spent } from '../harness/cpu.ts'
import { type OtherProcess, startOtherProcess } from '../harness/other-process.ts'
import { median, monotonicMs } from '../harness/timing.ts'
import { makeOrder } from '../orders.ts'
import { openPipeline } from '../tidings/pipeline.ts'
import type { Contender, Durability, Place, Work } from '../work.ts'
import { openPublisher } from '../yardstick/publisher.ts'
import { openSubscriber } from '../yardstick/subscriber.ts'
import { openWakeUps } from '../yardstick/wake-up.ts'

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
        const { cpuMicros } = await spent(async () => {
          await sendAtPace(placeOrder, sent)
          sent += commandCount
          while (latencies.length < commandCount) await new Promise<void>((resolve) => setTimeout(resolve, 1))
          return commandCount
        })
        return { figure: median(latencies), cpuMicros: cpuMicros / commandCount }
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
    let before = await subscriber.take(0)
    return {
      processIds: [subscriber.processId],
      round: async () => {
        const { cpuMicros } = await spent(async () => {
          await sendAtPace(placeOrder, sent)
          sent += commandCount
          return commandCount
        })
        const taken = await subscriber.take(commandCount)
        const both = cpuMicros + taken.cpuMicros - before.cpuMicros
        before = taken
        return { figure: median(taken.latencies), cpuMicros: both / commandCount }
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
  work: `latency at 500 a second, ${processes === 1 ? 'one process' : 'two processes'}`,
  about: 'The median time from calling a command until the handler of its event begins, at 500 commands a second.',
  durability,
  unit: 'ms',
  per: 'command',
  marks: { yardstick: 1.1 },
  ...contenders[processes],
})
