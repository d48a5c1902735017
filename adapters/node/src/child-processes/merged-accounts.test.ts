// The accounts of several instances of a service, as one.

import type { ServiceAccount } from '@tidings/http/wire'
import { expect, test } from 'vitest'
import { mergeAccounts } from './merged-accounts.ts'

type Subscription = ServiceAccount['subscriptions'][number]

const subscription = (state: Subscription['state'], position: string): Subscription =>
  ({ subscriber: 'main', source: 'orders', state, position }) as Subscription

const account = (changes: Partial<ServiceAccount>, groups: readonly string[] = []): ServiceAccount => ({
  service: 'shipping',
  epoch: 'e',
  eventLogHead: '2',
  factsHead: '3',
  outbox: undefined,
  subscriptions: [],
  readModels: [],
  schedule: { nextDueAt: undefined, atRest: true, error: undefined },
  instance: { name: 'web', groups } as unknown as NonNullable<ServiceAccount['instance']>,
  ...changes,
})

test('what an instance does is known from that instance, and what none does is not at rest', () => {
  const watching = account({ subscriptions: [subscription('elsewhere', '1')], eventLogHead: '5' })
  const doing = account({ subscriptions: [subscription('running', '2')] })
  const [one] = mergeAccounts([watching, doing])
  expect(one?.subscriptions).toEqual([subscription('running', '2')])
  expect(one?.eventLogHead).toBe('5')
  expect(one?.schedule.atRest).toBe(false)
  const [kept] = mergeAccounts([watching, account({}, ['schedule'])])
  expect(kept?.schedule.atRest).toBe(true)
  expect(kept?.subscriptions).toEqual([subscription('elsewhere', '1')])
})

test('a service with one instance has the account of that instance', () => {
  const only = account({})
  expect(mergeAccounts([only, account({ service: 'orders' })])[0]).toBe(only)
})
