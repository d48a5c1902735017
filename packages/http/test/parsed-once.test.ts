// Values over HTTP are parsed once: a schema that changes what it parses (euros to cents, a text to its length) runs once for each value.

import { defineCommand, defineLiveQuery, defineQuery, defineService, defineTable } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createHttpApi } from '../src/index.ts'
import { runningServices } from './rooms.ts'

const runs: Record<string, number> = {}
const amount = (where: string) =>
  z.object({
    id: z.string(),
    cents: z.number().transform((euros) => {
      runs[where] = (runs[where] ?? 0) + 1
      return euros * 100
    }),
    size: z.string().transform((text) => text.length),
  })
const sent = { id: 'a', cents: 5, size: 'abc' }
const parsed = { id: 'a', cents: 500, size: 3 }

const Pay = defineCommand('pay', { expose: true, input: amount('command'), output: amount('command answer') })
const Payment = defineQuery('payment', {
  owner: 'bank',
  expose: true,
  input: amount('query'),
  output: amount('query answer'),
})
const Payments = defineLiveQuery('payments', {
  owner: 'bank',
  expose: true,
  input: amount('live query'),
  row: amount('live row'),
})
const payments = defineTable('payments')
  .version(1, amount('row'))
  .key(({ id }) => id)
const definition = defineService('bank', { tables: { payments } })
const seen: unknown[] = []
const bank = definition.with({
  pay: definition.command(Pay, (data, { tables }) => {
    seen.push(data)
    tables.payments.put(sent)
    return sent
  }),
  payment: definition.query(Payment, (data) => {
    seen.push(data)
    return sent
  }),
  payments: definition.live(Payments, { of: 'payments', show: () => sent }),
})

test('what a caller sends and gets is parsed once: commands, repeated answers, queries, live queries', async () => {
  const { services, environment } = await runningServices([bank])
  const api = createHttpApi({ services, environment })
  const post = async (path: string) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'a-key' }
    const request = { method: 'POST', headers, body: JSON.stringify(sent) }
    return (await api.fetch(new Request(`http://localhost/bank/${path}`, request))).json()
  }
  expect(await post('commands/pay')).toMatchObject({ output: parsed, replayed: false })
  expect(runs).toEqual({ command: 1, 'command answer': 1, row: 1 })
  expect(await post('commands/pay')).toMatchObject({ output: parsed, replayed: true })
  expect(await post('queries/payment')).toEqual(parsed)
  const input = encodeURIComponent(JSON.stringify(sent))
  const live = await api.fetch(new Request(`http://localhost/bank/live/payments?input=${input}`))
  const reader = live.body?.getReader()
  let text = ''
  while (!text.includes('snapshot')) text += new TextDecoder().decode((await reader?.read())?.value)
  expect(text).toContain(JSON.stringify(parsed))
  await reader?.cancel()
  const once = ['command answer', 'row', 'query', 'query answer', 'live query', 'live row']
  expect(runs).toMatchObject(Object.fromEntries(once.map((where) => [where, 1])))
  expect(seen).toEqual([parsed, parsed])
})
