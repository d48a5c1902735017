// Starts and controls the process that sends commands over HTTP, from the contender that answers them.

import { fork } from 'node:child_process'
import { once } from 'node:events'

/** Where to send, over how many connections, each with one request under way. */
export interface Calling {
  readonly url: string
  readonly path: string
  readonly connectionCount: number
}

/** What came back in a round. */
export interface CallsRound {
  /** Commands answered with 200. */
  readonly answered: number
  readonly failed: number
}

/** The callers' process. */
export interface HttpCallers {
  /** Sends for a while, as fast as answers come; returns the number of commands that were answered. Throws if one was not. */
  call(durationMs: number): Promise<number>
  close(): Promise<void>
}

/** Starts the callers. */
export async function startHttpCallers(calling: Calling): Promise<HttpCallers> {
  const child = fork(new URL('http-callers-process.ts', import.meta.url), [JSON.stringify(calling)], { execArgv: [] })
  const ended = once(child, 'exit')
  const answer = async (): Promise<CallsRound> => {
    const [message] = await Promise.race([
      once(child, 'message'),
      ended.then(([code]) => Promise.reject(new Error(`The callers' process exited with ${code}.`))),
    ])
    return message as CallsRound
  }
  await answer()
  return {
    call: async (durationMs) => {
      child.send(durationMs)
      const { answered, failed } = await answer()
      if (failed > 0) throw new Error(`${failed} of ${answered + failed} commands were not answered with 200.`)
      return answered
    },
    close: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
