// Visitors: simulated people who come into the rooms and talk at a human pace. A seed decides who says what; the times follow the clock. They
// use the HTTP API, as the page does.
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@tidings/client'
import { createSeededRandom } from 'tidings/memory'
import { RegisterMember } from '../services/members/contract.ts'
import members from '../services/members/index.ts'
import { EnterRoom, PostMessage, ReactToMessage } from '../services/rooms/contract.ts'
import rooms from '../services/rooms/index.ts'
import { conversations, names, type Turn } from './conversations.ts'

/** Options of the visitors. */
export interface TalkOptions {
  /** The address of the HTTP API. */
  readonly url: string
  readonly seed: number
  /** Ends the talk. */
  readonly signal: AbortSignal
}

interface Visitor {
  readonly memberId: string
  readonly name: string
}

const pauseMs = { least: 1_500, most: 6_000 } as const

/** Talks until the signal is aborted. If a service is down, visitors wait. */
export async function talk({ url, seed, signal }: TalkOptions): Promise<void> {
  const random = createSeededRandom(seed)
  const client = createClient({ url, services: { members, rooms } })
  const run = Date.now().toString(36)
  const choose = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T
  const visitors = names.map((name): Visitor => ({ memberId: `visitor-${seed}-${name.toLowerCase()}`, name }))
  const present = new Set<string>()
  let count = 0

  const arrive = async ({ memberId, name }: Visitor, roomId: string) => {
    if (present.has(`${memberId}/${roomId}`)) return
    present.add(`${memberId}/${roomId}`)
    await client.members.command(RegisterMember, { memberId, name, quietHours: null })
    await client.rooms.command(EnterRoom, { roomId, memberId })
  }
  const say = async (turn: Turn, cast: readonly Visitor[], roomId: string) => {
    const speaker = cast[turn.who] ?? (cast[0] as Visitor)
    await arrive(speaker, roomId)
    const text = turn.text.replace(/\{(\d)\}/g, (_, place: string) => cast[Number(place)]?.name ?? '')
    const messageId = `${run}-${String(++count).padStart(6, '0')}`
    await client.rooms.command(PostMessage, { messageId, roomId, authorId: speaker.memberId, text })
    if (turn.reaction === undefined) return
    const other = choose(cast.filter((visitor) => visitor !== speaker))
    await client.rooms.command(ReactToMessage, { messageId, memberId: other.memberId, emoji: turn.reaction, on: true })
  }

  try {
    while (!signal.aborted) {
      const { roomId, turns } = choose(conversations)
      const cast = [...visitors].sort(() => random.next() - 0.5).slice(0, 3)
      for (const turn of turns) {
        if (!(await waits(pauseMs.least + random.next() * (pauseMs.most - pauseMs.least), signal))) return
        await say(turn, cast, roomId).catch((error: unknown) => {
          if (!signal.aborted) process.stderr.write(`  ! A visitor's message could not be posted: ${String(error)}\n`)
        })
      }
    }
  } finally {
    client.close()
  }
}

// False if the signal is aborted first.
async function waits(ms: number, signal: AbortSignal): Promise<boolean> {
  return pause(ms, true, { signal }).catch(() => false)
}
