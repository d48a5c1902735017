// A second process that handles the orders that the first one publishes, and reports the latency of each.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Place } from '../work.ts'
import { cpuMicros } from './cpu.ts'
import { monotonicMs } from './timing.ts'

/** What the second process answers. */
export interface Taken {
  /** In milliseconds. */
  readonly latencies: readonly number[]
  /** The CPU time that the process has used so far, in microseconds. */
  readonly cpuMicros: number
}

/** The second process, as the first one controls it. */
export interface OtherProcess {
  readonly processId: number
  /** Waits until there are `count` latencies and takes them. */
  take(count: number): Promise<Taken>
  close(): Promise<void>
}

type Message = { readonly take: number } | { readonly end: true }

/** Starts a file that calls `serveLatencies`; resolves when it is ready. */
export async function startOtherProcess(file: URL, place: Place): Promise<OtherProcess> {
  const child = fork(file, [JSON.stringify(place)], { serialization: 'advanced' })
  const ended = once(child, 'exit')
  const answer = async () => {
    const [message] = await Promise.race([
      once(child, 'message'),
      ended.then(([code]) => Promise.reject(new Error(`The second process exited with ${code}.`))),
    ])
    return message as Taken
  }
  await answer()
  return {
    processId: child.pid ?? 0,
    take: (count) => {
      child.send({ take: count } satisfies Message)
      return answer()
    },
    close: async () => {
      child.send({ end: true } satisfies Message)
      await ended
    },
  }
}

/** In the second process: opens the subscriber and answers the first process. */
export async function serveLatencies(
  open: (place: Place, handled: (order: { calledAt: number }) => void) => Promise<() => Promise<void> | void>,
): Promise<void> {
  const place = JSON.parse(process.argv[2] ?? '{}') as Place
  let latencies: number[] = []
  const close = await open(place, ({ calledAt }) => latencies.push(monotonicMs() - calledAt))
  process.on('message', async (message: Message) => {
    if ('end' in message) {
      await close()
      process.disconnect()
      return
    }
    while (latencies.length < message.take) await new Promise<void>((resolve) => setTimeout(resolve, 1))
    const taken = latencies
    latencies = []
    process.send?.({ latencies: taken, cpuMicros: cpuMicros() } satisfies Taken)
  })
  process.send?.({ latencies: [], cpuMicros: 0 } satisfies Taken)
}
