// A raised `payloadBytesMax` holds everywhere: what a command takes and answers, an answer kept under a key, a lookup, a downcast, a query.

import { defineCommand, defineEvent, defineQuery, defineService, defineTable } from 'tidings'
import { deferredEvents } from 'tidings/operations'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { inSession } from '../../src/index.ts'

const limits = { payloadBytesMax: 10_000_000 }
/** Larger than the default limit of every kind of payload. */
const long = 'x'.repeat(9_000_000)
const text = z.object({ text: z.string() })

const Echo = defineCommand('echo', { input: text, output: text })
const Long = defineQuery('long', { owner: 'echoes', input: text, output: text })
const Echoed = defineEvent('test.echoed', { owner: 'echoes', pattern: 'notification' })
  .version(1, text)
  .version(2, text, (older) => older, { downcast: (newer) => newer })
  .version(3, text, (older) => older, { downcast: (newer) => newer })
  .key(() => 'k')
const sizes = defineTable('sizes')
  .version(1, z.object({ id: z.string(), size: z.number(), text: z.string() }))
  .key(({ id }) => id)

const echoes = defineService('echoes', { publishes: [Echoed], limits })
const echoService = echoes.with({
  echo: echoes.command(Echo, { publishes: [Echoed] }, (input, { publish }) => {
    publish(Echoed, input)
    return input
  }),
  long: echoes.query(Long, (input) => input),
})
const listener = defineService('listener', { tables: { sizes }, limits })
const listenerService = listener.with({
  onEchoed: listener.on(Echoed, { lookups: [Long] }, async (echoed, { lookup, tables }) => {
    const found = await lookup(Long, echoed)
    tables.sizes.put({ id: 'k', size: found?.text.length ?? 0, text: echoed.text })
  }),
})

test('a payload beyond the default limit passes wherever the limit was raised', () =>
  inSession({ services: [echoService, listenerService] }, async (session) => {
    const echo = () =>
      session.drive(session.runtime(echoService).command('echo', { text: long }, { idempotencyKey: 'k-1' }))
    for (const replayed of [false, true]) {
      const answer = await echo()
      expect(answer).toMatchObject({ accepted: true, replayed })
      expect(answer.accepted && (answer.output as { text: string }).text.length).toBe(long.length)
    }
    await session.settled()
    expect(deferredEvents(session.runtime(listenerService))).toEqual([])
    const { store } = session.runtime(listenerService)
    const row = await session.drive(Promise.resolve(store.get('sizes', 'k')))
    const kept = JSON.parse(row?.json ?? '{}') as { size: number; text: string }
    expect([kept.size, kept.text.length]).toEqual([long.length, long.length])
  }))
