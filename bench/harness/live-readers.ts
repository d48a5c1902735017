// A thousand readers in a process of their own, seen from the contender whose pages they read.

import { fork } from 'node:child_process'
import { once } from 'node:events'

/** Who reads what, and where posts go. */
export interface Reading {
  readonly liveUrl: string
  readonly postUrl: string
  readonly readerCount: number
}

/** A round of posts at a steady rate. */
export interface Posting {
  readonly count: number
  readonly everyMs: number
}

/** The readers' process. */
export interface LiveReaders {
  /** Posts at a steady rate; gives for each post and reader how long it took to get there, in milliseconds. */
  post(posting: Posting): Promise<Float64Array>
  close(): Promise<void>
}

/** Starts the readers; resolves when all of them have their first picture. */
export async function startLiveReaders(reading: Reading): Promise<LiveReaders> {
  const child = fork(new URL('live-readers-process.ts', import.meta.url), [JSON.stringify(reading)], {
    serialization: 'advanced',
    execArgv: [],
  })
  const ended = once(child, 'exit')
  const answer = async (): Promise<Float64Array> => {
    const [message] = await Promise.race([
      once(child, 'message'),
      ended.then(([code]) => Promise.reject(new Error(`The readers' process ended with ${code}.`))),
    ])
    return message as Float64Array
  }
  await answer()
  return {
    post: (posting) => {
      child.send(posting)
      return answer()
    },
    close: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
