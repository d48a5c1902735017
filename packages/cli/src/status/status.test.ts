// The status of a service with a paused effect, waiting timers, and a next timer that is due.

import type { ControlStatus, ServiceAccount } from '@tidings/http/wire'
import { expect, test } from 'vitest'
import { rendered } from '../terminal/text.ts'
import { drawStatus, type StatusDrawing } from './draw-status.ts'

type Subscription = ServiceAccount['subscriptions'][number]
const now = Date.UTC(2026, 0, 1, 12)
const subscription = (parts: Partial<Subscription>): Subscription => ({
  subscriber: 'payment',
  kind: 'handlers',
  source: 'orders',
  state: 'running',
  error: undefined,
  position: '1',
  head: '1',
  lag: 0,
  retrying: 0,
  waiting: 0,
  parked: 0,
  blocked: 0,
  running: 0,
  slowest: undefined,
  handled: 1,
  stalenessMs: 0,
  ...parts,
})
const account = (schedule: Partial<ServiceAccount['schedule']>): ServiceAccount => ({
  service: 'payments',
  epoch: 'e',
  eventLogHead: '',
  factsHead: '',
  outbox: undefined,
  readModels: [],
  schedule: { nextDueAt: now + 600_000, atRest: true, error: undefined, ...schedule },
  subscriptions: [
    subscription({}),
    subscription({ kind: 'timers', source: '~timers', lag: 3 }),
    subscription({
      subscriber: 'effect.send-mail',
      kind: 'effects',
      source: '~effects',
      state: 'paused',
      error: {
        code: 'EFFECT_PAUSED',
        message: 'Effect send-mail has failed 5 times in a row (Error: no) and is not tried for 900 ms more.',
        hint: 'It is tried again by itself.',
        stack: undefined,
      },
    }),
  ],
})

function drawn(
  service: ServiceAccount,
  problems: readonly string[] = [],
  silent: StatusDrawing['silent'] = [],
): readonly string[] {
  const processes: readonly ControlStatus[] = [
    {
      name: 'all@x',
      pid: 1,
      startedAt: '2026-01-01T11:00:00.000Z',
      http: null,
      durability: 'none',
      services: [service],
    },
  ]
  const lines = drawStatus(
    {
      name: 'x',
      data: '/d',
      processes,
      stopped: [],
      unavailable: [],
      unopened: [],
      strays: [],
      silent,
      problems,
      now,
      complete: (text) => text,
    },
    80,
  )
  return lines.map((line) => rendered(line, false).trimEnd())
}

test('a handler that takes long is named, with its key', () => {
  const slowest = { id: 'e-17', type: 'shop.paid', key: 'order-17', since: now - 12_000 }
  const slow = { ...account({}), subscriptions: [subscription({ running: 3, slowest })] }
  expect(
    drawn(slow)
      .slice(7)
      .map((line) => line.trim()),
  ).toEqual(['● shop.paid of order-17 runs for 12 s and 2 more handlers (payment ← orders,', 'e-17)'])
  const quick = subscription({ running: 1, slowest: { ...slowest, since: now - 300 } })
  expect(drawn({ ...account({}), subscriptions: [quick] })).toHaveLength(7)
})

test('timers and effects have subscriptions with names of their own, and a paused one says why', () => {
  expect(drawn(account({})).slice(4)).toEqual([
    '  subscriber        from       state    lag stale retry wait parked blocked',
    'payments  published 0 events · next due in 10 min',
    '  payment           orders     running    –     –     –    –      –       –',
    '  payment           (timers)   running    3     –     –    –      –       –',
    '  effect.send-mail  (effects)  paused     –     –     –    –      –       –',
    '    EFFECT_PAUSED Effect send-mail has failed 5 times in a row (Error: no) and',
    '    is not tried for 900 ms more. (effect.send-mail ← (effects))',
    '    It is tried again by itself.',
  ])
})

test('an event whose owner does not exist is said', () => {
  const problem = 'payments: handler take hears shop.paid, which no service here publishes'
  expect(drawn(account({}), [problem]).slice(-2)).toEqual(['', `! ${problem}`])
})

test('requests that were refused because of an overload are counted', () => {
  const load = { commands: 3, commandsInLine: 1, refused: 1_234 }
  expect(drawn({ ...account({ nextDueAt: undefined }), load })).toContain(
    'payments  published 0 events · 1,234 requests refused',
  )
})

test('a timer that is due but cannot be queued is shown with the reason', () => {
  const error = { code: 'STORE_UNAVAILABLE', message: 'The disk is full.' }
  const lines = drawn(account({ nextDueAt: now - 5_000, error }))
  expect(lines).toContain('payments  published 0 events · due 5 s ago')
  expect(lines).toContain('    STORE_UNAVAILABLE The disk is full. (timers and effects wait)')
  expect(drawn(account({ nextDueAt: undefined }))).toContain('payments  published 0 events')
})

test('of a process that does not answer it is said that it waits for a disk', () => {
  const silent = { name: 'payments', pid: 7, startedAt: '2026-01-01T11:00:00.000Z', services: ['payments'] }
  const text = drawn(account({}), [], [{ ...silent, state: 'disk' }])
    .slice(-2)
    .join(' ')
    .replaceAll(/\s+/g, ' ')
  expect(text).toContain('does not answer: it waits for a disk, and goes on by itself when the disk does.')
})

const ofInstances = (): ServiceAccount => ({
  ...account({ nextDueAt: undefined }),
  instance: { name: 'web-1', groups: ['subscriber/payment/orders'], relayedBy: 'web-2' },
  subscriptions: [
    subscription({ lag: 2 }),
    subscription({
      subscriber: 'effect.send-mail',
      kind: 'effects',
      source: '~effects',
      state: 'elsewhere',
      holder: 'web-2',
      isHeadKnown: true,
      lag: 7,
      parked: 1,
    }),
    subscription({
      subscriber: 'addresses',
      kind: 'replica',
      source: 'customers',
      state: 'elsewhere',
      holder: 'web-2',
      isHeadKnown: true,
    }),
    subscription({
      subscriber: 'prices',
      kind: 'replica',
      source: 'catalog',
      state: 'elsewhere',
      holder: undefined,
      isHeadKnown: false,
    }),
  ],
})

test('an instance says its name, who runs what it does not run, and what it does not know', () => {
  expect(drawn(ofInstances()).slice(4)).toEqual([
    '  subscriber        from       state        lag stale retry wait parked blocked',
    'payments  web-1  published 0 events · relayed by web-2',
    '  payment           orders     running        2     –     –    –      –       –',
    '  effect.send-mail  (effects)  on web-2       7     –     –    –      1       –',
    '  addresses         customers  on web-2       –   0 s     –    –      –       –',
    '  prices            catalog    no instance    ?     ?     –    –      –       –',
  ])
})

test('an instance says why it does no work, what it could not begin, and what waits for newer code', () => {
  const instance = {
    name: 'web-1',
    groups: [],
    error: { code: 'STORE_UNAVAILABLE', message: 'The network is down.', hint: 'Check the database.' },
    notBegun: [{ group: 'read-model/projection.sums', code: 'CODE_OUTDATED', message: 'It is old.', hint: 'Deploy.' }],
  }
  const subscriptions = [subscription({ waiting: 3, waitingForNewerCode: 2 })]
  const text = drawn({ ...ofInstances(), instance, subscriptions })
    .join(' ')
    .replaceAll(/\s+/g, ' ')
  expect(text).toContain(
    'STORE_UNAVAILABLE The network is down. (it does no work by itself, and what it says of others may be old) Check the database.',
  )
  expect(text).toContain('CODE_OUTDATED It is old. (read-model/projection.sums) Deploy.')
  expect(text).toContain('! 2 events wait for newer code of the service (payment ← orders)')
})

test('where no instance relays, that is said', () => {
  const service = { ...ofInstances(), instance: { name: 'web-1', groups: [], relayedBy: null } }
  expect(drawn(service)).toContain('payments  web-1  published 0 events · no instance relays')
})
