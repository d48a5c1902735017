// The control endpoint of a running process: its token, and every operation through the typed client.

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { defineService, defineTable } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type ControlClient, controlClients } from '../src/control/control-client.ts'
import { type RunFile, readRunFiles } from '../src/control/run-file.ts'
import { post, raw, runningShop, temporaryFolder } from './running-shop.ts'
import { OrderPlaced, orders, shipping } from './shop-system.ts'

async function controlled(options: Parameters<typeof runningShop>[0] = {}) {
  const data = options.data ?? temporaryFolder()
  const running = await runningShop({ ...options, data })
  const [client] = await controlClients(data)
  return { ...running, data, client: client as ControlClient }
}

const runOf = (data: string) => readRunFiles(data)[0] as RunFile
const place = (url: string, orderId: string) => post(`${url}/orders/commands/place-order`, { orderId, cents: 5 })

test.each([
  ['no token', undefined],
  ['another token', 'Bearer AAAA'],
  ['a token that begins right', 'half'],
  ['a longer token', 'longer'],
  ['another scheme', 'Basic QWxhZGRpbjpvcGVuc2VzYW1l'],
])('P12: with %s every operation is refused [trap: access]', async (_what, how) => {
  const { data, controlUrl } = await controlled()
  const { token } = runOf(data)
  const header = how === 'half' ? `Bearer ${token.slice(0, 20)}` : how === 'longer' ? `Bearer ${token}A` : how
  const headers = { 'content-type': 'application/json', ...(header === undefined ? {} : { authorization: header }) }
  for (const [method, operation] of [
    ['GET', 'status'],
    ['GET', 'events'],
    ['GET', 'held'],
    ['POST', 'deliveries'],
    ['POST', 'redrive'],
    ['POST', 'rebuild'],
    ['POST', 'accept'],
    ['POST', 'lookup'],
    ['POST', 'stop'],
    ['GET', 'nothing'],
  ] as const) {
    const init = { method, headers, ...(method === 'POST' ? { body: '{}' } : {}) }
    expect((await fetch(`${controlUrl}/control/${operation}`, init)).status, operation).toBe(401)
  }
})

test('P12: a page whose host name was made to point here is refused, even with the token', async () => {
  const { data, controlUrl } = await controlled()
  const get = (headers: string) =>
    raw(
      controlUrl,
      `GET /control/status HTTP/1.1\r\nAuthorization: Bearer ${runOf(data).token}\r\nConnection: close\r\n${headers}\r\n`,
    )
  expect(await get('Host: evil.example\r\n')).toMatch(/^HTTP\/1\.1 403 /)
  expect(await get('Host: localhost\r\nOrigin: http://evil.example\r\n')).toMatch(/^HTTP\/1\.1 403 /)
  expect(await get('Host: localhost\r\n')).toMatch(/^HTTP\/1\.1 200 /)
})

test('the token is in no log line and not in the status', async () => {
  const { data, client, lines } = await controlled()
  const { token } = runOf(data)
  expect(JSON.stringify([await client.status(), client.run, lines])).not.toContain(token)
})

test('the run file describes the process, and is removed when it ends', async () => {
  const { data, client, httpUrl, controlUrl, close } = await controlled()
  const file = path.join(data, 'run', 'all@shop.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    name: 'all@shop',
    pid: process.pid,
    services: ['orders', 'shipping'],
    doors: httpUrl,
    control: controlUrl,
  })
  await close()
  expect(existsSync(file)).toBe(false)
  await expect(client.status()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  expect(await controlClients(data)).toEqual([])
})

test('status has heads, subscriptions and durability', async () => {
  const { client, url, settled } = await controlled()
  await place(url, 'o-1')
  await settled()
  const status = await client.status()
  expect(status).toMatchObject({
    name: 'all@shop',
    pid: process.pid,
    durability: expect.stringContaining('process-crash'),
  })
  expect(status.services.map(({ service }) => service)).toEqual(['orders', 'shipping'])
  expect(Number(status.services[0]?.eventLogHead)).toBe(1)
  expect(status.services[1]?.subscriptions).toMatchObject([{ source: 'orders', state: 'running', lag: 0, parked: 0 }])
})

test('events are found newest first, and followed by position', async () => {
  const { client, url } = await controlled()
  for (const orderId of ['o-1', 'o-2', 'o-3']) await place(url, orderId)
  const events = await client.events()
  expect(events.map(({ key }) => key)).toEqual(['o-3', 'o-2', 'o-1'])
  expect((await client.events({ key: 'o-2' })).map(({ key }) => key)).toEqual(['o-2'])
  expect(await client.events({ limit: 1 })).toHaveLength(1)
  expect(await client.events({ service: 'shipping' })).toEqual([])
  expect(await client.events({ type: 'shop.nothing' })).toEqual([])
  const [newest] = events
  expect(await client.events({ id: newest!.id })).toEqual([newest])
  expect(await client.events({ correlation: newest!.correlationId })).toEqual([newest])
  const page = await client.eventsAfter('orders', events[2]!.position)
  expect(page.events.map(({ key }) => key)).toEqual(['o-2', 'o-3'])
  expect(page.next).toBe(page.head)
  expect((await client.eventsAfter('orders', page.next)).events).toEqual([])
  await expect(client.events({ service: 'nobody' })).rejects.toMatchObject({ code: 'UNKNOWN_SERVICE' })
  await expect(client.events({ limit: 0 })).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' })
})

test('deliveries show what became of an event in its subscribers', async () => {
  const { client, url, settled } = await controlled()
  await place(url, 'o-1')
  await settled()
  const events = await client.events()
  expect(await client.deliveries(events)).toMatchObject([
    { eventId: events[0]!.id, service: 'shipping', state: 'done', attempts: 1, durationMicros: expect.any(Number) },
  ])
  await expect(client.deliveries([{}] as never)).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' })
})

test('P5: parked events are listed, and redriven after a dry run that changes nothing', async () => {
  let broken = true
  const auditService = defineService('audit', { limits: { attemptsMax: 1 } })
  const audit = auditService.with({
    noteOrder: auditService.on(OrderPlaced, () => {
      if (broken) throw new TypeError('broken')
    }),
  })
  const { client, url, settled } = await controlled({ config: { services: [orders, audit] } })
  await place(url, 'o-1')
  await place(url, 'o-2')
  await settled()
  const deferred = await client.deferred()
  expect(deferred.map(({ service, key, state }) => [service, key, state])).toEqual([
    ['audit', 'o-1', 'parked'],
    ['audit', 'o-2', 'parked'],
  ])
  expect(await client.deferred({ service: 'audit', key: 'o-2' })).toHaveLength(1)
  expect(await client.deferred({ code: 'NOTHING' })).toEqual([])
  const dry = await client.redrive({ selection: { key: 'o-1' }, dryRun: true })
  expect(dry).toMatchObject([{ service: 'audit', key: 'o-1', events: [{ type: 'shop.order-placed' }] }])
  expect(await client.deferred()).toHaveLength(2)
  broken = false
  await client.redrive({ service: 'audit', selection: {}, dryRun: false })
  await settled()
  expect(await client.deferred()).toEqual([])
  await expect(client.redrive({ selection: {} } as never)).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' })
})

const counts = defineTable('counts')
  .version(1, z.object({ id: z.string(), n: z.number() }))
  .key((row) => row.id)

test('P7: a rebuild streams its progress and then its result; an impossible one is refused at once', async () => {
  const tallyService = defineService('tally', { readModels: { counts } })
  const tally = tallyService.with({
    byOrder: tallyService.projection('by-order', { writes: ['counts'] }).on(OrderPlaced, async (_order, { tables }) => {
      tables.counts.put({ id: 'all', n: ((await tables.counts.get('all'))?.n ?? 0) + 1 })
    }),
  })
  const { client, url, settled } = await controlled({ config: { services: [orders, tally] } })
  await place(url, 'o-1')
  await settled()
  const progress: number[] = []
  await client.rebuild('tally', 'by-order', ({ done }) => progress.push(done))
  expect(progress.at(-1)).toBeGreaterThanOrEqual(1)
  const [, account] = (await client.status()).services
  expect(account?.readModels).toMatchObject([{ name: 'by-order', generation: 2 }])
  await expect(client.rebuild('tally', 'nothing')).rejects.toMatchObject({ code: 'UNKNOWN_READ_MODEL' })
  await expect(client.rebuild('nobody', 'by-order')).rejects.toMatchObject({ code: 'UNKNOWN_SERVICE' })
})

test('accept is refused where nothing is stopped, and for a word it does not know', async () => {
  const { client } = await controlled()
  await expect(client.accept('shipping', 'orders', 'now')).rejects.toMatchObject({ code: 'UNKNOWN_SUBSCRIBER' })
  await expect(client.accept('shipping', 'orders', 'later' as never)).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' })
})

test('stop closes the system of the process', async () => {
  const { client, ended, data } = await controlled()
  await client.stop()
  await ended
  expect(await controlClients(data)).toEqual([])
})

test('a lookup reaches its owner in another process', async () => {
  const data = temporaryFolder()
  const owner = await runningShop({ data, services: ['orders'] })
  const asker = await runningShop({ data, services: ['shipping'] })
  expect((await controlClients(data)).map(({ run }) => run.name)).toEqual(['orders', 'shipping'])
  await post(`${owner.url}/commands/place-order`, { orderId: 'o-1', cents: 7 })
  await asker.settled()
  expect((await post(`${asker.url}/queries/parcel`, { orderId: 'o-1' })).body).toEqual({ cents: 7 })
})

test('a lookup whose owner is stopped pauses the subscription, counts no attempt, and goes on when the owner is back', async () => {
  const data = temporaryFolder()
  const impatient = defineService('shipping', {
    tables: shipping.tables,
    limits: { lookupTimeoutMs: 100, retryDelayMs: 10, retryDelayMsMax: 50, pollMs: 50 },
  })
  const services = [orders, { ...shipping, limits: impatient.with({}).limits }]
  const owner = await runningShop({ data, services: ['orders'] })
  await post(`${owner.url}/commands/place-order`, { orderId: 'o-1', cents: 7 })
  await owner.close()
  const asker = await runningShop({ data, services: ['shipping'], config: { services } })
  const [client] = await controlClients(data)
  await expect
    .poll(async () => (await client!.status()).services[0]?.subscriptions[0]?.error?.code, { timeout: 5_000 })
    .toBe('LOOKUP_UNAVAILABLE')
  expect((await client!.deferred()).every(({ attempts }) => attempts === 0)).toBe(true)
  await runningShop({ data, services: ['orders'] })
  await asker.settled()
  expect((await post(`${asker.url}/queries/parcel`, { orderId: 'o-1' })).body).toEqual({ cents: 7 })
})
