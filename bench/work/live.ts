// The time from a post until it appears for a thousand readers: posts over HTTP, readers with server-sent events, both from another process
// over the loopback interface. The figures cover all posts and readers of a round.

import { spent } from '../harness/cpu.ts'
import { startLiveReaders } from '../harness/live-readers.ts'
import { percentile } from '../harness/timing.ts'
import { openChat } from '../tidings/chat.ts'
import type { Contender, Durability, Place, Row, SeveralFigures } from '../work.ts'
import { openChat as openByHand } from '../yardstick/chat.ts'

const readerCount = 1_000
const postsPerSecond = 5
const seconds = 10

const postCount = postsPerSecond * seconds

/** The readers, the poster, and some to spare. */
const connectionCountMax = readerCount + 100

interface Chat {
  readonly postUrl: string
  readonly liveUrl: string
  close(): Promise<void> | void
}

const contender =
  (open: (place: Place, connectionCountMax: number) => Promise<Chat>): Contender =>
  async (place) => {
    const chat = await open(place, connectionCountMax)
    const readers = await startLiveReaders({ ...chat, readerCount })
    return {
      round: async () => {
        let latencies: ArrayLike<number> = []
        const { cpuMicros } = await spent(async () => {
          latencies = await readers.post({ count: postCount, everyMs: 1_000 / postsPerSecond })
          return postCount
        })
        return [
          { figure: percentile(latencies, 50), cpuMicros: cpuMicros / postCount },
          { figure: percentile(latencies, 99) },
        ]
      },
      close: async () => {
        await readers.close()
        await chat.close()
      },
    }
  }

/** The rows for a durability. */
export function live(durability: Durability): SeveralFigures {
  const readers = readerCount.toLocaleString('en')
  const row = (which: string, rest: Pick<Row, 'marks' | 'bound'>): Row => ({
    work: `live, ${readers} readers: ${which}`,
    durability,
    unit: 'ms',
    per: 'post',
    ...rest,
  })
  return {
    about: `From a post to its appearance on ${readers} other pages, over real sockets, at ${postsPerSecond} posts a second.`,
    durability,
    turns: 3,
    rows: [row('median', { marks: { yardstick: 1 } }), row('99th percentile', { marks: { yardstick: 1 }, bound: 250 })],
    tidings: contender(openChat),
    yardstick: contender(openByHand),
  }
}
