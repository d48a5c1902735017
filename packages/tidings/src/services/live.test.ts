// The checks for live queries when a service is defined.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineLiveQuery, defineQuery, defineTable } from '../contracts/index.ts'
import { defineService } from './service.ts'

const row = z.object({ id: z.string(), room: z.string() })
const table = (name: string) =>
  defineTable(name)
    .version(1, row)
    .key(({ id }) => id)
    .index('room')
const live = (name: string, owner = 'rooms') => defineLiveQuery(name, { owner, input: z.object({}), row })
const rooms = defineService('rooms', { tables: { messages: table('messages') } })

test('a live query is listed with its table and options', () => {
  const service = rooms.with({ shown: rooms.live(live('all'), { of: 'messages' }) })
  expect(service.liveQueries).toMatchObject([{ kind: 'live-query-handler', of: 'messages', newest: 100 }])
})

test('the owner, the name, the table and the size of the first snapshot are checked', () => {
  const code = (make: () => unknown) => {
    try {
      make()
      return 'accepted'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  const shown = rooms.live(live('all'), { of: 'messages' })
  const Other = defineQuery('all', { owner: 'rooms', input: z.object({}), output: row })
  expect(code(() => live('Not A Name'))).toBe('INVALID_NAME')
  expect(code(() => defineLiveQuery('x', { owner: 'rooms', input: z.object({}), row: {} as typeof row }))).toBe(
    'INVALID_CONTRACT',
  )
  expect(code(() => rooms.with({ a: rooms.live(live('all', 'others'), { of: 'messages' }) }))).toBe('NOT_OWNED')
  expect(code(() => rooms.with({ a: shown, b: shown }))).toBe('DUPLICATE_NAME')
  expect(code(() => rooms.with({ a: shown, b: rooms.query(Other, () => undefined) }))).toBe('DUPLICATE_NAME')
  expect(code(() => rooms.with({ a: rooms.live(live('all'), { of: 'unknown' as 'messages' }) }))).toBe('NOT_DECLARED')
  expect(code(() => rooms.with({ a: rooms.live(live('all'), { of: 'toString' as 'messages' }) }))).toBe('NOT_DECLARED')
  expect(code(() => defineService('others').with({ a: shown }))).toBe('INVALID_CONTRACT')
  for (const newest of [0, 1.5, 1_001, Number.NaN])
    expect(code(() => rooms.live(live('all'), { of: 'messages', newest }))).toBe('INVALID_CONTRACT')
  const twice = defineService('rooms', {
    tables: { messages: table('messages') },
    readModels: { messages: table('other') },
  })
  const filled = twice.projection('fill', { writes: ['messages'] })
  expect(code(() => twice.with({ filled, a: twice.live(live('all'), { of: 'messages' }) }))).toBe('DUPLICATE_NAME')
})
