// A service that handles its own events, and retracted entities; a handler and a replica of one contract.

import { defineEvent, defineService, defineTable, replicaOf } from 'tidings'
import { test } from 'vitest'
import { z } from 'zod'
import { given, retracted } from '../../src/index.ts'
import { GuestChanged } from '../systems/cafe.ts'

const Ping = defineEvent('echo.ping', { owner: 'echo', pattern: 'notification' })
  .version(1, z.object({ n: z.int() }))
  .version(2, z.object({ n: z.int(), from: z.string() }), ({ n }) => ({ n, from: 'an old one' }))
  .key(({ n }) => `${n}`)
const pings = defineTable('pings')
  .version(1, z.object({ n: z.int(), from: z.string() }))
  .key(({ n }) => `${n}`)
const gone = defineTable('gone')
  .version(1, z.object({ guestId: z.string(), known: z.boolean() }))
  .key(({ guestId }) => guestId)

const definition = defineService('echo', {
  publishes: [Ping],
  tables: { pings, gone },
  replicas: { guests: replicaOf(GuestChanged) },
})
const onPing = definition.on(Ping, { publishes: [Ping] }, ({ n, from }, { tables, publish }) => {
  tables.pings.put({ n, from })
  if (n > 1) publish(Ping, { n: n - 1, from: 'echo' })
})
const onGone = definition.onRetracted(GuestChanged, async (guestId, { tables, replicas }) => {
  tables.gone.put({ guestId, known: (await replicas.guests.get('ann')) !== undefined })
})
const echo = definition.with({ onPing, onGone })

test('handles its own events, and what it publishes in answer', async () => {
  await given(echo)
    .when(onPing, { n: 2, from: 'a test' })
    .then({
      published: [[Ping, { n: 1, from: 'echo' }]],
      tables: {
        pings: [
          { n: 2, from: 'a test' },
          { n: 1, from: 'echo' },
        ],
      },
    })
})

test('handles old events upcast', async () => {
  await given(echo)
    .when(Ping, { n: 1 } as never, { version: 1 })
    .then({ tables: { pings: [{ n: 1, from: 'an old one' }] } })
})

test('handles a retraction; what its replica already has is not handled again', async () => {
  await given(echo)
    .replicas({ guests: [{ guestId: 'ann', name: 'Ann' }] })
    .when(onGone, retracted('bob'))
    .then({ tables: { gone: [{ guestId: 'bob', known: true }] } })
})
