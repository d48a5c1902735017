// Computes the expected report directly from the CSV files, independently of the import: it shares no code with the importer or the
// services, has its own small parser, and assumes files without malformed rows.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The expected report, with the definition of each figure. */
export interface ExpectedReport {
  /** The rows by their status column. */
  readonly orders: Record<string, number>
  /** Every row of any type: 0.00 and `not_defined` are payments too. */
  readonly payments: { count: number; cents: string; byType: Record<string, { count: number; cents: string }> }
  /** The freight of every item, also of cancelled orders: it was quoted with the order. */
  readonly freightCents: string
  /**
   * A parcel is one seller's items of one order, so the parcels are the distinct pairs of order and seller. Orders without items have none.
   * A parcel is dispatched if its order was handed over to the carrier, even if the order was cancelled later; it is delivered if its order
   * was delivered to the customer.
   */
  readonly parcels: { dispatched: number; delivered: number }
  /**
   * Orders that were delivered to the customer after the estimated date, compared as timestamps (the estimate is midnight at the start of its
   * day), by the state of the order's customer. An order counts once, however many parcels it has.
   */
  readonly late: { count: number; byState: Record<string, number> }
  /** Payments for orders that were bought in a month, whatever their status; months as written in the data. */
  readonly revenueByMonth: Record<string, string>
  /** Every row (a review id and an order), by score. */
  readonly reviews: Record<string, number>
  /** A case for each row with a score of 1 or 2; it has a text if the message (not the title) is more than blanks. */
  readonly support: { cases: number; withText: number }
  /** The number of events of each type, which follows from the rows alone. */
  readonly events: Record<string, number>
  readonly deadLetters: number
  readonly rejected: readonly unknown[]
}

type Row = Readonly<Record<string, string>>

/** Computes the expected report from the files of a folder. */
export function expectedReport(folder: string): ExpectedReport {
  const load = (name: string): Row[] => parse(readFileSync(join(folder, `olist_${name}_dataset.csv`), 'utf8'))
  const orders = load('orders')
  const items = load('order_items')
  const payments = load('order_payments')
  const reviews = load('order_reviews')
  const customers = load('customers')

  const order = Object.fromEntries(orders.map((row) => [row.order_id, row]))
  const state = Object.fromEntries(customers.map((row) => [row.customer_id, row.customer_state]))
  const parcels = [...new Set(items.map((row) => `${row.order_id} ${row.seller_id}`))].map(
    (pair) => order[pair.split(' ')[0] ?? ''],
  )
  const late = orders.filter(
    (row) =>
      row.order_delivered_customer_date !== '' &&
      (row.order_delivered_customer_date ?? '') > (row.order_estimated_delivery_date ?? ''),
  )
  const low = reviews.filter((row) => row.review_score === '1' || row.review_score === '2')
  const has = (column: string) => (row: Row | undefined) => row?.[column] !== ''
  const approved = orders.filter(has('order_approved_at')).length
  const handedOver = orders.filter(has('order_delivered_carrier_date')).length
  const delivered = orders.filter(has('order_delivered_customer_date')).length
  const dispatchedParcels = parcels.filter(has('order_delivered_carrier_date')).length
  const deliveredParcels = parcels.filter(has('order_delivered_customer_date')).length

  return {
    orders: countBy(orders, (row) => row.order_status),
    payments: {
      count: payments.length,
      cents: total(payments, (row) => row.payment_value),
      byType: Object.fromEntries(
        Object.entries(Object.groupBy(payments, (row) => row.payment_type ?? '')).map(([type, rows = []]) => [
          type,
          { count: rows.length, cents: total(rows, (row) => row.payment_value) },
        ]),
      ),
    },
    freightCents: total(items, (row) => row.freight_value),
    parcels: { dispatched: dispatchedParcels, delivered: deliveredParcels },
    late: { count: late.length, byState: countBy(late, (row) => state[row.customer_id ?? '']) },
    revenueByMonth: Object.fromEntries(
      Object.entries(
        Object.groupBy(payments, (row) => order[row.order_id ?? '']?.order_purchase_timestamp?.slice(0, 7) ?? ''),
      ).map(([month, rows = []]) => [month, total(rows, (row) => row.payment_value)]),
    ),
    reviews: countBy(reviews, (row) => row.review_score),
    support: { cases: low.length, withText: low.filter((row) => row.review_comment_message?.trim() !== '').length },
    events: {
      'shop.customer-changed': customers.length,
      'shop.order-placed': orders.length,
      'shop.order-approved': approved,
      'shop.order-handed-over': handedOver,
      'shop.order-delivered': delivered,
      'shop.order-status-set': orders.filter((row) => row.order_status !== impliedStatus(row)).length,
      'shop.payment-recorded': payments.length,
      'shop.payment-approved': approved,
      'shop.shipment-handed-over': handedOver,
      'shop.shipment-delivered': delivered,
      'shop.parcel-dispatched': dispatchedParcels,
      'shop.parcel-delivered': deliveredParcels,
      'shop.review-submitted': reviews.length,
      'shop.support-case-opened': low.length,
    },
    deadLetters: 0,
    rejected: [],
  }
}

function impliedStatus(row: Row): string {
  if (row.order_delivered_customer_date !== '') return 'delivered'
  if (row.order_delivered_carrier_date !== '') return 'shipped'
  return row.order_approved_at === '' ? 'created' : 'approved'
}

function countBy(rows: readonly Row[], wordOf: (row: Row) => string | undefined): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const row of rows) {
    const word = wordOf(row) ?? '?'
    counts[word] = (counts[word] ?? 0) + 1
  }
  return counts
}

// The total in cents as text, computed without floating-point numbers: "39.90" and "39.9" are both 3990.
function total(rows: readonly Row[], amountOf: (row: Row) => string | undefined): string {
  let cents = 0n
  for (const row of rows) {
    const [units = '', fraction = ''] = (amountOf(row) ?? '').split('.')
    cents += BigInt(units + fraction.padEnd(2, '0'))
  }
  return String(cents)
}

// Parses with one regular expression, which matches a field and the comma or line end after it.
function parse(text: string): Row[] {
  const lines: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end !== ',') lines.push([])
  }
  const [header = [], ...rows] = lines.filter((fields) => fields.length > 1)
  return rows.map((fields) => Object.fromEntries(header.map((column, place) => [column, fields[place] ?? ''])))
}
