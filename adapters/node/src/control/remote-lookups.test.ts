// Lookups across processes: the owner is found by its run file, also after it moved; errors are those of the port.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LookupRequest } from 'tidings/ports'
import { expect, onTestFinished, test } from 'vitest'
import { post, runningShop, temporaryFolder } from '../../test/running-shop.ts'
import { askControl } from './control-call.ts'
import { remoteLookups } from './remote-lookups.ts'
import { type RunFile, readRunFiles, writeRunFile } from './run-file.ts'

const request = (changes: Partial<LookupRequest> = {}): LookupRequest => ({
  service: 'orders',
  query: 'order',
  input: JSON.stringify({ orderId: 'o-1' }),
  minimumPosition: undefined,
  correlationId: 'talk-1',
  principal: null,
  tenant: null,
  traceparent: null,
  tracestate: null,
  timeoutMs: 5_000,
  ...changes,
})

test('an answer is sent as text, and a missing one is a value', async () => {
  const data = temporaryFolder()
  const { url } = await runningShop({ data, services: ['orders'] })
  await post(`${url}/commands/place-order`, { orderId: 'o-1', cents: 7 })
  const lookups = remoteLookups(data)
  const answer = await lookups.ask(request())
  expect(answer.found && JSON.parse(answer.output)).toMatchObject({ cents: 7 })
  expect(await lookups.ask(request({ input: '{"orderId":"none"}' }))).toEqual({ found: false })
})

test.each([
  ['an input that does not fit', { input: '{}' }, 'INVALID_PAYLOAD'],
  ['an input that is not JSON', { input: '{' }, 'INVALID_PAYLOAD'],
  ['an unknown query', { query: 'nothing' }, 'UNKNOWN_QUERY'],
  [
    'a position it has not reached',
    { minimumPosition: { epoch: 'another', position: '0000000000000009' } },
    'LOOKUP_BEHIND',
  ],
  ['a service that is not running', { service: 'nobody' }, 'LOOKUP_UNAVAILABLE'],
  ['no time at all', { timeoutMs: 0 }, 'LOOKUP_UNAVAILABLE'],
])('%s is refused with the port’s error', async (_what, changes, code) => {
  const data = temporaryFolder()
  await runningShop({ data, services: ['orders'] })
  await expect(remoteLookups(data).ask(request(changes))).rejects.toMatchObject({ code })
})

test.each(['', '<p>', '{'])(
  'a control endpoint that answers %j is named, and what it says is not read as an answer',
  async (text) => {
    const server = createServer((_request, response) => response.end(text))
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    onTestFinished(() => void server.close())
    const control = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const run = {
      name: 'orders',
      pid: 7,
      control,
      token: 't',
      services: ['orders'],
      startedAt: '',
      doors: null,
      durability: '',
    }
    await expect(
      askControl(run as unknown as RunFile, { method: 'GET', path: '/control/status' }),
    ).rejects.toMatchObject({
      code: 'INVALID_ANSWER',
      message: 'The answer of orders (pid 7) is not JSON.',
    })
  },
)

test('an owner that was stopped is unavailable, and found again after it starts elsewhere', async () => {
  const data = temporaryFolder()
  const first = await runningShop({ data, services: ['orders'] })
  const lookups = remoteLookups(data)
  expect(await lookups.ask(request())).toEqual({ found: false })
  await first.close()
  await expect(lookups.ask(request())).rejects.toMatchObject({ code: 'LOOKUP_UNAVAILABLE' })
  await runningShop({ data, services: ['orders'] })
  expect(await lookups.ask(request())).toEqual({ found: false })
})

test('of two run files for one service, the newer one is used', async () => {
  const data = temporaryFolder()
  await runningShop({ data, services: ['orders'] })
  const [run] = readRunFiles(data)
  writeRunFile(data, {
    ...run!,
    name: 'all@shop',
    startedAt: '2001-01-01T00:00:00.000Z',
    control: 'http://127.0.0.1:1',
  })
  expect(await remoteLookups(data).ask(request())).toEqual({ found: false })
})
