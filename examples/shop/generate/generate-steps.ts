// Generates endless plausible orders as steps, in time order. The same seed always gives the same sequence.
// Invariant: only the orders of the last weeks are kept in memory, however long it runs.
import { RegisterCustomer } from '../services/customers/contract.ts'
import { compareSteps, orderSteps, type TimedStep } from '../steps/order-steps.ts'
import { type Step, stepOf } from '../steps/step.ts'
import { type Assortment, generateOrder, type Product } from './generated-order.ts'
import { type Random, seededRandom } from './random.ts'
import { places } from './words.ts'

const dayMs = 86_400_000

/** Options of the generator. */
export interface GenerateOptions {
  /** The seed of all random choices. */
  readonly seed: number
  /** The first day, in milliseconds since 1970. */
  readonly from: number
  /** Orders placed on each day of the shop's time. Default: 200. */
  readonly ordersPerDay?: number
}

/** The steps of endless orders, in the order in which to send them. It never ends: take what you need. */
export function* generateSteps({ seed, from, ordersPerDay = 200 }: GenerateOptions): Generator<Step, never> {
  const random = seededRandom(seed)
  const origin = `generated/${seed}`
  const assortment = generateAssortment(random)
  let pending: TimedStep[] = []
  for (let day = from; ; day += dayMs) {
    for (let count = 0; count < ordersPerDay; count++) {
      pending.push(...generateLife(random, origin, assortment, day + random.whole(0, dayMs - 1)))
    }
    // Orders that are generated later have no step before the next day.
    pending.sort(compareSteps)
    const due = pending.findIndex(({ sendAt }) => sendAt >= day + dayMs)
    const ready = due === -1 ? pending : pending.slice(0, due)
    pending = due === -1 ? [] : pending.slice(due)
    for (const { step } of ready) yield step
  }
}

/** The steps of one order at a time, from its customer's registration to its last review. It never ends. */
export function* generateLives({ seed, from, ordersPerDay = 200 }: GenerateOptions): Generator<readonly Step[], never> {
  const random = seededRandom(seed)
  const assortment = generateAssortment(random)
  for (let number = 0; ; number++) {
    const day = from + Math.floor(number / ordersPerDay) * dayMs
    const life = generateLife(random, `generated/${seed}`, assortment, day + random.whole(0, dayMs - 1))
    yield life.toSorted(compareSteps).map(({ step }) => step)
  }
}

function generateLife(
  random: Random,
  origin: string,
  assortment: Assortment,
  purchasedAt: number,
): readonly TimedStep[] {
  const customerId = random.id()
  const order = generateOrder(random, assortment, customerId, purchasedAt)
  const customer = { customerId, personId: random.id(), ...random.pick(places) }
  const rest = { occurredAt: purchasedAt, idempotencyKey: `${origin}/customer/${customerId}`, sequence: order.orderId }
  const register = { step: stepOf('customers', RegisterCustomer, customer, rest), sendAt: purchasedAt }
  return [register, ...orderSteps(origin, order)]
}

function generateAssortment(random: Random): Assortment {
  const sellers = Array.from({ length: 40 }, () => random.id())
  const product = (index: number): Product => ({
    productId: random.id(),
    sellerId: sellers[index % sellers.length] ?? random.id(),
    priceCents: random.whole(9_90, random.chance(0.1) ? 900_00 : 150_00),
  })
  const others = Array.from({ length: 299 }, (_, index) => product(index + 1))
  return { products: [product(0), ...others] }
}
