// The control endpoint's operations on pending work: process managers, timers and effects, through the typed client.

import { defineEffect, defineEvent, defineService, fact, timer } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type ControlClient, controlClients } from '../src/control/control-client.ts'
import { readRunFiles } from '../src/control/run-file.ts'
import { post, runningShop, temporaryFolder } from './running-shop.ts'
import { OrderPlaced, orders } from './shop-system.ts'

const Reminded = defineEvent('shop.reminded', { owner: 'payments', pattern: 'notification' })
  .version(1, z.object({ orderId: z.string() }))
  .key((order) => order.orderId)
const Mail = defineEffect('mail', { input: z.object({ to: z.string() }), key: (mail) => mail.to })
let mailsAreSent = false

const definition = defineService('payments', { publishes: [Reminded], limits: { retryDelayMs: 1 } })
const payment = definition
  .process('payment', {
    facts: { awaited: fact(z.object({ orderId: z.string() })) },
    initialState: () => ({ awaiting: false }),
    evolve: { awaited: () => ({ awaiting: true }) },
    timers: { remind: timer() },
    publishes: [Reminded],
    requests: [Mail],
  })
  .starts(
    OrderPlaced,
    (order) => order.orderId,
    ({ orderId }, { facts, publish, request, timers }) => {
      publish(Reminded, { orderId })
      request(Mail, { to: orderId })
      timers.remind.after({ hours: 1 })
      return facts.awaited({ orderId })
    },
  )
  .due('remind', () => {})
const payments = definition.with({
  payment,
  mail: definition.effect(Mail, {
    attemptsMax: 2,
    perform: () => {
      if (!mailsAreSent) throw new RangeError('no mail today')
    },
  }),
})

async function controlled() {
  mailsAreSent = false
  const data = temporaryFolder()
  const running = await runningShop({ data, config: { services: [orders, payments] } })
  const [client] = await controlClients(data)
  for (const orderId of ['o-1', 'a/b c&d=1'])
    await post(`${running.url}/orders/commands/place-order`, { orderId, cents: 5 })
  await running.settled()
  return { ...running, data, client: client as ControlClient }
}

test('P12: without the token, nothing is shown', async () => {
  const { controlUrl } = await controlled()
  for (const operation of ['processes', 'process', 'timers', 'effects']) {
    const { status } = await fetch(`${controlUrl}/control/${operation}?service=payments&process=payment&key=o-1`)
    expect(status, operation).toBe(401)
  }
})

test('instances are listed for each service, and the history of one is shown, whatever characters are in its key', async () => {
  const { client } = await controlled()
  expect(await client.processes()).toMatchObject([
    { service: 'orders', instances: [] },
    { service: 'payments', instances: [{ key: 'a/b c&d=1' }, { key: 'o-1', state: 'running' }] },
  ])
  const [page] = await client.processes({ service: 'payments', process: 'payment', state: 'running', limit: 1 })
  expect(page).toMatchObject({ instances: [{ key: 'a/b c&d=1' }], next: 'payment/a/b c&d=1' })
  const [rest] = await client.processes({ service: 'payments', process: 'payment', after: String(page?.next) })
  expect(rest?.instances.map(({ key }) => key)).toEqual(['o-1'])
  expect(await client.process('payments', 'payment', 'a/b c&d=1', { limit: 1 })).toMatchObject({
    instance: { service: 'payments', key: 'a/b c&d=1', steps: 1 },
    state: { awaiting: true },
    steps: [{ facts: [{ type: 'awaited', data: { orderId: 'a/b c&d=1' } }] }],
    timers: [{ name: 'remind', state: 'set' }],
    effects: [{ name: 'mail', state: 'parked', error: { code: 'HANDLER_FAILED' } }],
  })
})

test('timers and effects are listed, and parked effects are redriven', async () => {
  const { client, settled } = await controlled()
  expect(await client.timers({ service: 'payments', limit: 1 })).toMatchObject([
    { timers: [{ process: 'payment', name: 'remind', key: 'o-1' }], more: true },
  ])
  const [page] = await client.effects({ service: 'payments' })
  expect(page?.effects.map(({ key, state, attempts }) => [key, state, attempts])).toEqual([
    ['o-1', 'parked', 2],
    ['a/b c&d=1', 'parked', 2],
  ])
  expect(await client.effects({ id: String(page?.effects[1]?.id) })).toMatchObject([
    {},
    { effects: [{ key: 'a/b c&d=1' }] },
  ])
  mailsAreSent = true
  const redrives = await client.redrive({ selection: { type: 'mail' }, dryRun: false })
  expect(redrives.map(({ subscriber, source }) => [subscriber, source])).toEqual([
    ['effect.mail', '~effects'],
    ['effect.mail', '~effects'],
  ])
  await settled()
  expect(await client.effects({ service: 'payments' })).toMatchObject([{ effects: [], more: false }])
})

test('status has the time of the next timer', async () => {
  const { client } = await controlled()
  const [, account] = (await client.status()).services
  expect(account?.schedule.nextDueAt).toBeGreaterThan(Date.now())
  expect(account?.subscriptions.map(({ kind, source }) => [kind, source])).toContainEqual(['effects', '~effects'])
})

test('an unknown name is refused with the known ones, and an invalid request is refused', async () => {
  const { client, data, controlUrl } = await controlled()
  await expect(client.process('payments', 'payment', 'o-9')).rejects.toMatchObject({ code: 'UNKNOWN_PROCESS' })
  await expect(client.process('payments', 'paymnt', 'o-1')).rejects.toMatchObject({
    code: 'UNKNOWN_PROCESS',
    details: { processes: ['payment'] },
  })
  await expect(client.processes({ process: 'paymnt' })).rejects.toMatchObject({ code: 'UNKNOWN_PROCESS' })
  await expect(client.process('nobody', 'payment', 'o-1')).rejects.toMatchObject({ code: 'UNKNOWN_SERVICE' })
  const { token } = readRunFiles(data)[0] ?? {}
  for (const query of ['processes?state=other', 'processes?limit=0', 'timers?limit=1001', 'process?service=payments']) {
    const response = await fetch(`${controlUrl}/control/${query}`, { headers: { authorization: `Bearer ${token}` } })
    expect(response.status, query).toBe(422)
  }
  const unknown = await fetch(`${controlUrl}/control/process?service=payments&process=payment&key=o-9`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(unknown.status).toBe(404)
})
