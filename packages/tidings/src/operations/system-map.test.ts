// Processes, timers and effects on the map, and problems for parts that do not fit together.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineCommand, defineEffect, defineEvent, defineQuery, fact, timer } from '../index.ts'
import { defineService } from '../services/index.ts'
import { systemMap } from './system-map.ts'

const Order = z.object({ orderId: z.string() })
const event = (name: string, owner: string) =>
  defineEvent(name, { owner, pattern: 'notification' })
    .version(1, Order)
    .key(({ orderId }) => orderId)
const Placed = event('test.placed', 'orders')
const Paid = event('test.paid', 'orders')
const Reminded = event('test.reminded', 'payments')
const Mailed = event('test.mailed', 'payments')
const Close = defineCommand('close', { input: Order })
const OrderById = defineQuery('order', { owner: 'orders', input: Order, output: Order })
const Mail = defineEffect('mail', { input: Order, key: ({ orderId }) => orderId })

const definition = defineService('payments', { publishes: [Reminded, Mailed], timers: { report: timer() } })
const payments = definition.with({
  close: definition.command(Close, { requests: [Mail] }, () => {}),
  payment: definition
    .process('payment', {
      facts: { awaited: fact(Order) },
      initialState: () => ({}),
      evolve: { awaited: (state) => state },
      timers: { remind: timer() },
      publishes: [Reminded],
      executes: [Close],
      lookups: [OrderById],
      requests: [Mail],
    })
    .starts(
      Placed,
      ({ orderId }) => orderId,
      () => {},
    )
    .on(
      Paid,
      ({ orderId }) => orderId,
      () => {},
    )
    .due('remind', () => {}),
  report: definition.due('report', { requests: [Mail] }, () => {}),
  mail: definition.effect(Mail, { publishes: [Mailed], perform: () => {} }),
})

test('a process is one function with all its events, timers and effects; its inputs are not listed as handlers', () => {
  const [mapped] = systemMap([payments]).services
  expect(mapped?.functions).toEqual([
    {
      kind: 'command',
      name: 'close',
      hears: [],
      publishes: [],
      executes: [],
      lookups: [],
      requests: ['mail'],
      timers: [],
    },
    {
      kind: 'process',
      name: 'payment',
      hears: ['test.placed', 'test.paid'],
      publishes: ['test.reminded'],
      executes: ['close'],
      lookups: ['orders/order'],
      requests: ['mail'],
      timers: ['remind'],
    },
    {
      kind: 'timer',
      name: 'report',
      hears: [],
      publishes: [],
      executes: [],
      lookups: [],
      requests: ['mail'],
      timers: [],
    },
    {
      kind: 'effect',
      name: 'mail',
      hears: [],
      publishes: ['test.mailed'],
      executes: [],
      lookups: [],
      requests: [],
      timers: [],
    },
  ])
})

test('an event that no service publishes and a query that no service answers are problems', () => {
  expect(systemMap([payments]).problems).toEqual([
    'payments: process payment hears test.placed, which no service here publishes',
    'payments: process payment hears test.paid, which no service here publishes',
    'payments: process payment looks up orders/order, which no service here answers',
  ])
})
