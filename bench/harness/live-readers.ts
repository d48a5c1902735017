// Starts and controls the process with a thousand live readers, from the contender that serves them.

import { fork } from 'node:child_process'
import { once } from 'node:events'

/** What to read, where to post, and the number of readers. */
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
  /** Posts at a steady rate; returns the latency of each post at each reader, in milliseconds. */
  post(posting: Posting): Promise<Float64Array>
  close(): Promise<void>
}

/** Starts the readers; resolves when all of them have their first snapshot. */
export async function startLiveReaders(reading: Reading): Promise<LiveReaders> {
  const child = fork(new URL('live-readers-process.ts', import.meta.url), [JSON.stringify(reading)], {
    serialization: 'advanced',
    execArgv: [],
  })
  const ended = once(child, 'exit')
  const answer = async (): Promise<Float64Array> => {
    const [message] = await Promise.race([
      once(child, 'message'),
      ended.then(([code]) => Promise.reject(new Error(`The readers' process exited with ${code}.`))),
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
