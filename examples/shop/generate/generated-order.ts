// Generates the life of one order, with the irregularities of real orders: some parcels are handed over before the payment is approved,
// some payments don't add up, some orders end as cancelled or unavailable.
import type { LifeItem, LifePayment, LifeReview, OrderLife } from '../steps/order-life.ts'
import type { Random } from './random.ts'
import { complaints, paymentTypes, praise } from './words.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** The sellers and products of the generated shop. */
export interface Assortment {
  readonly products: readonly [Product, ...Product[]]
}

/** A product and its one seller. */
export interface Product {
  readonly productId: string
  readonly sellerId: string
  readonly priceCents: number
}

/** Generates an order. Its life may go on for weeks after the purchase. */
export function generateOrder(
  random: Random,
  assortment: Assortment,
  customerId: string,
  purchasedAt: number,
): OrderLife {
  const estimatedDeliveryAt = purchasedAt - (purchasedAt % day) + random.whole(12, 35) * day
  const isUnavailable = random.chance(0.006)
  const items = isUnavailable ? [] : generateItems(random, assortment, purchasedAt)
  const order = { orderId: random.id(), customerId, purchasedAt, estimatedDeliveryAt, items }
  const payments = generatePayments(random, items)
  const approvedAt = random.chance(0.99)
    ? purchasedAt + random.whole(5 * minute, random.chance(0.2) ? 2 * day : hour)
    : null
  const ended = { ...order, payments, approvedAt, handedOverAt: null, deliveredAt: null }

  if (isUnavailable) return { ...ended, status: 'unavailable', reviews: [] }
  if (approvedAt === null || random.chance(0.008)) {
    const reviews = random.chance(0.5) ? [generateReview(random, purchasedAt + 3 * day, 1)] : []
    return { ...ended, status: 'canceled', reviews }
  }
  // Some parcels are handed over before the payment is approved.
  const handedOverAt = random.chance(0.02)
    ? approvedAt - random.whole(minute, day)
    : approvedAt + random.whole(8 * hour, 6 * day)
  if (random.chance(0.012)) return { ...ended, handedOverAt, status: 'shipped', reviews: [] }
  const deliveredAt = Math.max(purchasedAt, handedOverAt) + random.whole(day, random.chance(0.1) ? 40 * day : 14 * day)
  const score = random.chance(deliveredAt > estimatedDeliveryAt ? 0.7 : 0.08) ? random.whole(1, 2) : random.whole(3, 5)
  const reviews = random.chance(0.97) ? [generateReview(random, deliveredAt, score)] : []
  return { ...ended, handedOverAt, deliveredAt, status: 'delivered', reviews }
}

function generateItems(random: Random, { products }: Assortment, purchasedAt: number): readonly LifeItem[] {
  const first = random.pick(products)
  const count = random.chance(0.12) ? random.whole(2, 4) : 1
  return Array.from({ length: count }, (_, index) => {
    const product = index === 0 || random.chance(0.6) ? first : random.pick(products)
    const shipBy = purchasedAt + random.whole(3, 8) * day
    return { itemNumber: index + 1, ...product, freightCents: random.whole(7_00, 45_00), shipBy }
  })
}

function generatePayments(random: Random, items: readonly LifeItem[]): readonly LifePayment[] {
  const due = items.reduce((cents, item) => cents + item.priceCents + item.freightCents, 0)
  // Some payments don't add up, because of interest or a coupon that the shop does not know.
  const cents = random.chance(0.015) ? due + random.whole(0, 5_00) : due
  const voucherCents = random.chance(0.05) ? Math.floor(cents / random.whole(2, 4)) : 0
  const type = random.pick(paymentTypes)
  const installments = type === 'credit_card' ? random.whole(1, 10) : 1
  const rest = { sequence: 1, type, installments, cents: cents - voucherCents }
  if (voucherCents === 0) return [rest]
  return [rest, { sequence: 2, type: 'voucher', installments: 1, cents: voucherCents }]
}

function generateReview(random: Random, askedAt: number, score: number): LifeReview {
  const hasText = random.chance(score <= 2 ? 0.75 : 0.35)
  const text = hasText ? random.pick(score <= 2 ? complaints : praise) : ''
  return { reviewId: random.id(), score, title: '', text, askedAt, answeredAt: askedAt + random.whole(hour, 4 * day) }
}
