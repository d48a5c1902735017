// The generator: the same orders from the same seed, in time order, valid, and with the irregularities of real orders.
import type { CommandContract } from 'tidings'
import { validate } from 'tidings/contracts'
import { expect, test } from 'vitest'
import { generateLives, generateSteps } from '../generate/index.ts'
import { RegisterCustomer } from '../services/customers/contract.ts'
import { PlaceOrder, SetOrderStatus } from '../services/orders/contract.ts'
import { ApprovePayment, RecordPayment } from '../services/payments/contract.ts'
import { SubmitReview } from '../services/reviews/contract.ts'
import { DeliverShipment, HandOverShipment } from '../services/shipping/contract.ts'
import type { Step } from '../steps/step.ts'

const from = Date.UTC(2026, 0, 1)
const take = (count: number, seed = 7): readonly Step[] => [
  ...generateSteps({ seed, from, ordersPerDay: 50 }).take(count),
]

test('the same seed gives the same sequence, another seed another one', () => {
  expect(take(2000)).toEqual(take(2000))
  expect(take(100, 8)).not.toEqual(take(100))
})

test('every step matches its contract and has a unique key', () => {
  const commands = [
    RegisterCustomer,
    PlaceOrder,
    SetOrderStatus,
    RecordPayment,
    ApprovePayment,
    HandOverShipment,
    DeliverShipment,
    SubmitReview,
  ]
  const contracts = new Map<string, CommandContract>(commands.map((command) => [command.name, command]))
  const steps = take(20_000)
  for (const step of steps) validate(step.command, contracts.get(step.command)!.input, step.input)
  expect(new Set(steps.map(({ command }) => command))).toEqual(new Set(contracts.keys()))
  expect(new Set(steps.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(steps.length)
})

test('lives are the same orders, one whole order at a time', () => {
  const lives = [...generateLives({ seed: 7, from, ordersPerDay: 50 }).take(200)]
  expect(lives).toEqual([...generateLives({ seed: 7, from, ordersPerDay: 50 }).take(200)])
  for (const life of lives) {
    expect(new Set(life.map(({ sequence }) => sequence)).size).toBe(1)
    expect(life.map(({ command }) => command).slice(0, 2)).toEqual([RegisterCustomer.name, PlaceOrder.name])
  }
  const sent = new Set(lives.flat().map(({ idempotencyKey }) => idempotencyKey.replace(/^[^/]+\/[^/]+\//, '')))
  expect(sent.size).toBe(lives.flat().length)
  const reviews = lives.flat().filter(({ command }) => command === SubmitReview.name)
  expect(reviews.length).toBeGreaterThan(100)
})

test('steps are in time order, and an order begins with its customer and its purchase', () => {
  const steps = take(20_000)
  const first = new Map<string, Step[]>()
  let last = 0
  for (const step of steps) {
    const before = first.get(step.sequence) ?? []
    if (before.length < 2) first.set(step.sequence, [...before, step])
    const sendAt = Math.max(step.occurredAt, before[0]?.occurredAt ?? 0)
    expect(sendAt).toBeGreaterThanOrEqual(last)
    last = sendAt
  }
  for (const [register, place] of first.values()) {
    expect([register?.command, place?.command]).toEqual(['register-customer', 'place-order'])
  }
})

test('some parcels are handed over before the payment is approved, some payments do not add up', () => {
  const sequences = Object.values(Object.groupBy(take(20_000), (step) => step.sequence)).map((steps = []) => steps)
  const at = (steps: readonly Step[], command: string) => steps.find((step) => step.command === command)?.occurredAt
  const early = sequences.filter(
    (steps) => (at(steps, 'hand-over-shipment') ?? Infinity) < (at(steps, 'approve-payment') ?? 0),
  )
  expect(early.length).toBeGreaterThan(0)
  const differs = sequences.filter((steps) => {
    const order = steps.find((step) => step.command === 'place-order')?.input as {
      items: { priceCents: number; freightCents: number }[]
    }
    const due = order.items.reduce((cents, item) => cents + item.priceCents + item.freightCents, 0)
    const paid = steps
      .filter((step) => step.command === 'record-payment')
      .reduce((cents, step) => cents + (step.input as { cents: number }).cents, 0)
    return due !== paid
  })
  expect(differs.length).toBeGreaterThan(0)
  expect(differs.length).toBeLessThan(sequences.length / 20)
})
