// The simulation of the shop: what its customers do, and what must hold under all faults. `npx tidings simulate` reads this file.
import { type Chance, defineInvariant, defineSimulation, type WorkloadStep, type WorkloadTools } from '@tidings/testing'
import { generateLives } from './generate/index.ts'
import { OrderPlaced } from './services/orders/contract.ts'
import { PaymentApproved } from './services/payments/contract.ts'
import payments from './services/payments/index.ts'
import { SubmitReview } from './services/reviews/contract.ts'
import {
  ParcelDelivered,
  ParcelDispatched,
  parcelIdOf,
  ShipmentDelivered,
  ShipmentHandedOver,
} from './services/shipping/contract.ts'
import shipping from './services/shipping/index.ts'
import { SupportCaseOpened } from './services/support/contract.ts'
import support from './services/support/index.ts'
import type { Step } from './steps/step.ts'

/** How many orders are in progress at a time. */
const ordersInProgress = 3

export default defineSimulation({
  workload: ordersSideBySide,
  stepCount: 50,
  invariants: [
    defineInvariant('every parcel belongs to an order, and to one of its sellers', async ({ rows, events }) => {
      const placed = new Map((await events(OrderPlaced)).map(({ key, data }) => [key, data]))
      const wrong = (await rows(shipping, 'parcels')).find(
        ({ orderId, sellerId }) => !placed.get(orderId)?.items.some((item) => item.sellerId === sellerId),
      )
      return wrong && `parcel ${wrong.parcelId} does not belong to an order with items of that seller`
    }),
    defineInvariant('a parcel is dispatched and delivered once', async ({ events }) => {
      for (const contract of [ParcelDispatched, ParcelDelivered]) {
        const twice = firstRepeated((await events(contract)).map(({ key }) => key))
        if (twice !== undefined) return `${contract.name} was published twice for parcel ${twice}`
      }
      return undefined
    }),
    // An order and its hand-over may arrive in any order, and they write the same shipment concurrently.
    defineInvariant('what was handed over is dispatched, and what has arrived is delivered', async ({ events }) => {
      const placed = new Map((await events(OrderPlaced)).map(({ key, data }) => [key, data?.items ?? []]))
      for (const [reported, follows] of [
        [ShipmentHandedOver, ParcelDispatched],
        [ShipmentDelivered, ParcelDelivered],
      ] as const) {
        const parcels = new Set((await events(follows)).map(({ key }) => key))
        for (const { key: orderId } of await events(reported))
          for (const { sellerId } of placed.get(orderId) ?? [])
            if (!parcels.has(parcelIdOf(orderId, sellerId)))
              return `${reported.name} was published for order ${orderId}, but not ${follows.name} for its parcel from ${sellerId}`
      }
      return undefined
    }),
    defineInvariant('a payment is approved once, and every published case exists', async ({ rows, events }) => {
      const approved = (await events(PaymentApproved)).map(({ key }) => key)
      const known = new Set((await rows(payments, 'approvals')).map(({ orderId }) => orderId))
      const unknown = approved.find((orderId) => !known.has(orderId)) ?? firstRepeated(approved)
      if (unknown !== undefined) return `the payment of order ${unknown} was approved twice, or has no row in approvals`
      const cases = new Set((await rows(support, 'cases')).map(({ caseId }) => caseId))
      const missing = (await events(SupportCaseOpened)).find(({ key }) => !cases.has(key))
      return missing && `support published that it opened case ${missing.key}, but has no row for it`
    }),
  ],
})

/** Several orders at a time, their steps mixed at random; the steps of each order keep their sequence. */
function* ordersSideBySide({ random, seed }: WorkloadTools): Iterable<WorkloadStep> {
  const lives = generateLives({ seed, from: Date.UTC(2026, 0, 1), ordersPerDay: 1 })
  const inProgress: Step[][] = []
  for (;;) {
    while (inProgress.length < ordersInProgress) inProgress.push([...lives.next().value])
    const life = random.pick(inProgress)
    const step = life.shift()
    if (life.length === 0) inProgress.splice(inProgress.indexOf(life), 1)
    if (step !== undefined) yield sent(step, random)
  }
}

// Half of the reviews get the worst score here, so that they become support cases, which look up the review's text.
function sent({ service, command, input, occurredAt, sequence }: Step, random: Chance): WorkloadStep {
  const given = command === SubmitReview.name && random.happens(0.5) ? { ...(input as object), score: 1 } : input
  return { service, command, input: given, occurredAt, sequence, principal: undefined }
}

function firstRepeated(keys: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return keys.find((key) => seen.size === seen.add(key).size)
}
