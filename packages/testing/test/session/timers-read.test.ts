// A function that reads when a timer is due sees what is set, also what it has just set or cancelled itself.

import { defineCommand, defineService, timer } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { inSession } from '../../src/index.ts'

const Use = defineCommand('use', {
  input: z.object({
    key: z.string(),
    acts: z.array(z.enum(['read', 'set', 'cancel'])),
  }),
  output: z.array(z.object({ dueAt: z.string(), note: z.string() }).nullable()),
})

const diary = defineService('diary', { timers: { remind: timer(z.object({ note: z.string() })) } })
const service = diary.with({
  use: diary.command(Use, async ({ key, acts }, { timers: { remind } }) => {
    const seen: ({ dueAt: string; note: string } | null)[] = []
    for (const act of acts) {
      if (act === 'set') remind.after(key, { milliseconds: 60_000 }, { note: 'in 60000 ms' })
      if (act === 'cancel') remind.cancel(key)
      if (act !== 'read') continue
      const found = await remind.get(key)
      seen.push(found === undefined ? null : { dueAt: found.dueAt.toISOString(), note: found.data.note })
    }
    return seen
  }),
  remind: diary.due('remind', () => {}),
})

test('a function reads a timer as it is set, also what it has set itself', () =>
  inSession({ services: [service], start: new Date('2026-03-01T12:00:00Z') }, async (session) => {
    const use = async (key: string, ...acts: readonly ('read' | 'set' | 'cancel')[]) => {
      const answer = await session.command(service, Use, { key, acts: [...acts] })
      return answer.accepted ? answer.output : answer.rejection
    }
    const set = { dueAt: '2026-03-01T12:01:00.000Z', note: 'in 60000 ms' }
    expect(await use('a', 'read', 'set', 'read')).toEqual([null, set])
    expect(await use('a', 'read')).toEqual([set])
    expect(await use('b', 'read'), 'of another key nothing is set').toEqual([null])
    expect(await use('b', 'set', 'read', 'cancel', 'read')).toEqual([set, null])
    expect(await use('a', 'cancel', 'read', 'set', 'read')).toEqual([null, set])
    await session.advance({ seconds: 61 })
    await session.settled()
    expect(await use('a', 'read'), 'it has fired').toEqual([null])
  }))
