// What the report has to say, computed straight from the CSV files: an independent second opinion. It shares no code with the
// importer or the services, parses with a few lines of its own, and assumes files without malformed rows.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The report as far as the data determine it, and how each of its words is read. */
export interface ExpectedReport {
  /** The data's own status column, counted. */
  readonly orders: Record<string, number>
  /** Every row, whatever its type: 0.00 and `not_defined` are payments too. */
  readonly payments: { count: number; cents: number; byType: Record<string, { count: number; cents: number }> }
  /** The freight of every item, also of orders that were cancelled: it was quoted with the order. */
  readonly freightCents: number
  /**
   * A parcel is the items of one order from one seller: the distinct pairs of the two. Orders without items have none.
   * Dispatched are those of orders with a hand-over to the carrier, also where the order was cancelled after it; delivered are those
   * of orders with a delivery to the customer.
   */
  readonly parcels: { dispatched: number; delivered: number }
  /**
   * Orders whose delivery to the customer is after the estimated date, both taken as timestamps (the estimate is midnight at
   * the start of its day), by the state of the order's customer. An order counts once, however many parcels it has.
   */
  readonly late: { count: number; byState: Record<string, number> }
  /** What was paid for orders bought in a month, whatever became of them; months as written in the data. */
  readonly revenueByMonth: Record<string, number>
  /** Every row (a review id and an order), by score. */
  readonly reviews: Record<string, number>
  /** A case for each row with a score of 1 or 2; with text where the message (not the title) is more than blanks. */
  readonly support: { cases: number; withText: number }
  /** One for each thing that happened; each follows from the rows alone. */
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

// In cents, by taking the point out of the text: "39.90" and "39.9" are both 3990.
function total(rows: readonly Row[], amountOf: (row: Row) => string | undefined): number {
  let cents = 0
  for (const row of rows) {
    const [units = '', fraction = ''] = (amountOf(row) ?? '').split('.')
    cents += Number.parseInt(units + fraction.padEnd(2, '0'), 10)
  }
  return cents
}

// One field or one line's end at a time, by a single expression.
function parse(text: string): Row[] {
  const lines: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end !== ',') lines.push([])
  }
  const [header = [], ...rows] = lines.filter((fields) => fields.length > 1)
  return rows.map((fields) => Object.fromEntries(header.map((column, place) => [column, fields[place] ?? ''])))
}
