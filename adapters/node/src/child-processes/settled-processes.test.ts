// Settling across processes: what counts as busy, and why one look is not enough.

import type { ControlStatus, ServiceAccount } from '@tidings/http/wire'
import type { SubscriptionStatus } from 'tidings/runtime'
import { expect, test } from 'vitest'
import type { ControlClient } from '../control/control-client.ts'
import { firstBusy, settledProcesses } from './settled-processes.ts'

const subscription = (changes: Partial<SubscriptionStatus> = {}): SubscriptionStatus => ({
  subscriber: 'main',
  kind: 'handlers',
  source: 'orders',
  state: 'running',
  error: undefined,
  position: '2',
  head: '2',
  lag: 0,
  retrying: 0,
  waiting: 0,
  parked: 0,
  blocked: 0,
  running: 0,
  slowest: undefined,
  handled: 2,
  stalenessMs: 0,
  ...changes,
})

const account = (service: string, changes: Partial<ServiceAccount> = {}): ServiceAccount => ({
  service,
  epoch: 'e',
  eventLogHead: '2',
  factsHead: '3',
  outbox: undefined,
  subscriptions: [],
  readModels: [],
  schedule: { nextDueAt: undefined, atRest: true, error: undefined },
  ...changes,
})

const busy = (...accounts: readonly ServiceAccount[]) =>
  firstBusy(['orders', 'shipping'], new Map(accounts.map((each) => [each.service, each])))

const shippingWith = (changes: Partial<SubscriptionStatus>) =>
  busy(account('orders'), account('shipping', { subscriptions: [subscription(changes)] }))

test('a subscription at the end of its source is idle, also with parked events and others blocked behind them', () => {
  expect(shippingWith({ parked: 1, blocked: 3 })).toBeUndefined()
  expect(shippingWith({ source: '~facts', position: '3' })).toBeUndefined()
})

test.each([
  ['a position before the source’s end', shippingWith({ position: '1' }), /is at 1 of 2/],
  ['a position before the end of its own facts', shippingWith({ source: '~facts', position: '2' }), /at 2 of 3/],
  ['a retry', shippingWith({ retrying: 1 }), /to retry: 1/],
  ['a wait', shippingWith({ waiting: 2 }), /to retry: 2/],
  ['a start', shippingWith({ state: 'starting' }), /is starting/],
  [
    'a pause',
    shippingWith({ state: 'paused', error: { code: 'X', message: 'No.', hint: '', stack: undefined } }),
    /No\./,
  ],
  ['a service that is not running', busy(account('orders')), /shipping is not running/],
  [
    'an outbox',
    busy(account('orders', { outbox: { position: '', depth: 1, error: undefined } }), account('shipping')),
    /relay of orders/,
  ],
])('%s counts as busy', (_what, found, message) => {
  expect(found).toMatch(message)
})

const clientOf = (statuses: readonly (readonly ServiceAccount[])[]): { client: ControlClient; looks: () => number } => {
  let looks = 0
  const status = async (): Promise<ControlStatus> => ({
    name: 'all@shop',
    pid: 1,
    startedAt: '',
    http: null,
    durability: '',
    services: statuses[Math.min(looks++, statuses.length - 1)] ?? [],
  })
  return { client: { status } as ControlClient, looks: () => looks }
}

test('a system whose ends move between two looks has not settled', async () => {
  const { client, looks } = clientOf([
    [account('orders', { eventLogHead: '1' })],
    [account('orders', { eventLogHead: '2' })],
    [account('orders', { eventLogHead: '2' })],
  ])
  await settledProcesses(['orders'], async () => [client], { pollMs: 1 })
  expect(looks()).toBe(3)
})

test('a timeout names what is still busy', async () => {
  await expect(
    settledProcesses(['orders', 'shipping'], async () => [clientOf([[account('orders')]]).client], {
      timeoutMs: 20,
      pollMs: 1,
    }),
  ).rejects.toMatchObject({ code: 'TIMED_OUT', message: expect.stringContaining('shipping is not running') })
})
