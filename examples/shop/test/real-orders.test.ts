// The real orders: the import accepts every row, and its steps match what the oracle reads from the files.

import type { CommandContract } from 'tidings'
import { validate } from 'tidings/contracts'
import { beforeAll, expect, test } from 'vitest'
import { type Import, prepareImport } from '../import/index.ts'
import { RegisterCustomer } from '../services/customers/contract.ts'
import { PlaceOrder, SetOrderStatus } from '../services/orders/contract.ts'
import { ApprovePayment, RecordPayment } from '../services/payments/contract.ts'
import { SubmitReview } from '../services/reviews/contract.ts'
import { DeliverShipment, HandOverShipment } from '../services/shipping/contract.ts'
import type { Step } from '../steps/step.ts'
import { type ExpectedReport, expectedReport } from './oracle.ts'
import { ordersFolder } from './orders-folder.ts'

let read: Import
let expected: ExpectedReport

beforeAll(async () => {
  read = await prepareImport(ordersFolder())
  expected = expectedReport(ordersFolder())
})

const stepsOf = (command: string) => read.steps.filter((step) => step.command === command)
const inputsOf = <C extends CommandContract>(command: C) =>
  stepsOf(command.name).map(
    (step) => validate(command.name, command.input, step.input) as NonNullable<C['~types']>['data'],
  )

test('no row is rejected, and every row becomes a step', () => {
  expect(read.rejected).toEqual([])
  expect(
    Object.fromEntries(
      Object.entries(Object.groupBy(read.steps, (step) => step.command)).map(([name, steps]) => [name, steps?.length]),
    ),
  ).toEqual({
    'register-customer': 3000,
    'place-order': 3000,
    'record-payment': 3170,
    'approve-payment': 2991,
    'hand-over-shipment': 2946,
    'deliver-shipment': 2904,
    'set-order-status': 58,
    'submit-review': 2993,
  })
})

test('every input matches its contract', () => {
  const commands: CommandContract[] = [
    RegisterCustomer,
    PlaceOrder,
    SetOrderStatus,
    RecordPayment,
    ApprovePayment,
    HandOverShipment,
    DeliverShipment,
    SubmitReview,
  ]
  for (const command of commands) expect(inputsOf(command).length).toBe(stepsOf(command.name).length)
})

test('the steps have the 11,841 moments of the orders’ lives', () => {
  const moments = ['place-order', 'approve-payment', 'hand-over-shipment', 'deliver-shipment'].flatMap(stepsOf)
  expect(moments).toHaveLength(11_841)
})

test('the sums over the steps match the oracle', () => {
  const payments = inputsOf(RecordPayment)
  expect(String(payments.reduce((cents, payment) => cents + payment.cents, 0))).toBe(expected.payments.cents)
  const items = inputsOf(PlaceOrder).flatMap((order) => order.items)
  expect(String(items.reduce((cents, item) => cents + item.freightCents, 0))).toBe(expected.freightCents)
  const low = inputsOf(SubmitReview).filter(({ score }) => score <= 2)
  expect({ cases: low.length, withText: low.filter(({ text }) => text.trim() !== '').length }).toEqual(expected.support)
  const set = inputsOf(SetOrderStatus).map(({ status }) => status)
  for (const status of ['canceled', 'unavailable', 'invoiced', 'processing']) {
    expect(set.filter((other) => other === status)).toHaveLength(expected.orders[status] ?? 0)
  }
})

test('an order’s steps begin with its customer and its purchase, and are in time order', () => {
  const sequences = Object.groupBy(read.steps, (step) => step.sequence)
  let last = 0
  for (const steps of Object.values(sequences)) {
    expect(steps?.slice(0, 2).map(({ command }) => command)).toEqual(['register-customer', 'place-order'])
  }
  for (const step of read.steps) {
    const sendAt = Math.max(step.occurredAt, sequences[step.sequence]?.[0]?.occurredAt ?? 0)
    expect(sendAt).toBeGreaterThanOrEqual(last)
    last = sendAt
  }
})

test('five hand-overs and three reviews have times before the purchase', () => {
  const early = (command: string) => {
    const placed = new Map(stepsOf('place-order').map((step): [string, Step] => [step.sequence, step]))
    return stepsOf(command).filter((step) => step.occurredAt < (placed.get(step.sequence)?.occurredAt ?? 0)).length
  }
  expect([early('hand-over-shipment'), early('submit-review')]).toEqual([5, 3])
})

test('each step has its own idempotency key, which is the same each time the files are read', async () => {
  const keys = read.steps.map(({ idempotencyKey }) => idempotencyKey)
  expect(new Set(keys).size).toBe(keys.length)
  expect((await prepareImport(ordersFolder())).steps).toEqual(read.steps)
})
