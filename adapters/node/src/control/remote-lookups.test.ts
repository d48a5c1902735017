// Lookups across processes: found by run file, found again when the owner has moved, refused in the port's words.

import type { LookupRequest } from 'tidings/ports'
import { expect, test } from 'vitest'
import { post, runningShop, temporaryFolder } from '../../test/running-shop.ts'
import { remoteLookups } from './remote-lookups.ts'
import { readRunFiles, writeRunFile } from './run-file.ts'

const question = (changes: Partial<LookupRequest> = {}): LookupRequest => ({
  service: 'orders',
  query: 'order',
  input: JSON.stringify({ orderId: 'o-1' }),
  minimumPosition: undefined,
  correlationId: 'talk-1',
  principal: null,
  timeoutMs: 5_000,
  ...changes,
})

test('an answer crosses as text, and what is gone is a value', async () => {
  const data = temporaryFolder()
  const { url } = await runningShop({ data, services: ['orders'] })
  await post(`${url}/commands/place-order`, { orderId: 'o-1', cents: 7 })
  const lookups = remoteLookups(data)
  const answer = await lookups.ask(question())
  expect(answer.found && JSON.parse(answer.output)).toMatchObject({ cents: 7 })
  expect(await lookups.ask(question({ input: '{"orderId":"none"}' }))).toEqual({ found: false })
})

test.each([
  ['an input that does not fit', { input: '{}' }, 'INVALID_PAYLOAD'],
  ['an input that is no JSON', { input: '{' }, 'INVALID_PAYLOAD'],
  ['a query it has not', { query: 'nothing' }, 'UNKNOWN_QUERY'],
  ['an event it has not', { minimumPosition: { epoch: 'another', position: '0000000000000009' } }, 'LOOKUP_BEHIND'],
  ['a service that does not run', { service: 'nobody' }, 'LOOKUP_UNAVAILABLE'],
  ['no time at all', { timeoutMs: 0 }, 'LOOKUP_UNAVAILABLE'],
])('%s is refused in the port’s words', async (_what, changes, code) => {
  const data = temporaryFolder()
  await runningShop({ data, services: ['orders'] })
  await expect(remoteLookups(data).ask(question(changes))).rejects.toMatchObject({ code })
})

test('an owner that was stopped is unavailable, and found again where it is then', async () => {
  const data = temporaryFolder()
  const first = await runningShop({ data, services: ['orders'] })
  const lookups = remoteLookups(data)
  expect(await lookups.ask(question())).toEqual({ found: false })
  await first.close()
  await expect(lookups.ask(question())).rejects.toMatchObject({ code: 'LOOKUP_UNAVAILABLE' })
  await runningShop({ data, services: ['orders'] })
  expect(await lookups.ask(question())).toEqual({ found: false })
})

test('of two run files for one service the newer is asked', async () => {
  const data = temporaryFolder()
  await runningShop({ data, services: ['orders'] })
  const [run] = readRunFiles(data)
  writeRunFile(data, {
    ...run!,
    name: 'all@shop',
    startedAt: '2001-01-01T00:00:00.000Z',
    control: 'http://127.0.0.1:1',
  })
  expect(await remoteLookups(data).ask(question())).toEqual({ found: false })
})
