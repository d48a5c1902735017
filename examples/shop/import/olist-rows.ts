// The files of the data set that the shop imports: their columns, and how a row of each is read.
// The shop does not need the other files (products, sellers, places, category names).
import { OrderStatus } from '../services/orders/contract.ts'
import { itemCentsMax } from '../services/words.ts'
import { readCents, readCount, readId, readMoment, readMomentOrNone, readText, readWord, refuse } from './fields.ts'

/** Reads a field of the current row: `field('order_id')`. */
type Field = (column: string) => string

/** A file: its name, its columns, and the function that reads a row (throws `RowRefused`). */
export interface OlistFile<Row> {
  readonly name: string
  readonly columns: readonly string[]
  readonly read: (field: Field) => Row
}

const file = <Row>(name: string, columns: readonly string[], read: (field: Field) => Row): OlistFile<Row> => ({
  name,
  columns,
  read,
})

/** Customers: one for each order; one person may be several customers. */
export const customersFile = file(
  'olist_customers_dataset.csv',
  ['customer_id', 'customer_unique_id', 'customer_zip_code_prefix', 'customer_city', 'customer_state'],
  (field) => ({
    customerId: readId('customer_id', field('customer_id')),
    personId: readId('customer_unique_id', field('customer_unique_id')),
    zipCode: readWord('customer_zip_code_prefix', field('customer_zip_code_prefix')),
    city: readWord('customer_city', field('customer_city')),
    state: readWord('customer_state', field('customer_state')),
  }),
)

/** Orders: the customer, the status, and the time of each change. */
export const ordersFile = file(
  'olist_orders_dataset.csv',
  [
    'order_id',
    'customer_id',
    'order_status',
    'order_purchase_timestamp',
    'order_approved_at',
    'order_delivered_carrier_date',
    'order_delivered_customer_date',
    'order_estimated_delivery_date',
  ],
  (field) => ({
    orderId: readId('order_id', field('order_id')),
    customerId: readId('customer_id', field('customer_id')),
    status: readStatus(field('order_status')),
    purchasedAt: readMoment('order_purchase_timestamp', field('order_purchase_timestamp')),
    approvedAt: readMomentOrNone('order_approved_at', field('order_approved_at')),
    handedOverAt: readMomentOrNone('order_delivered_carrier_date', field('order_delivered_carrier_date')),
    deliveredAt: readMomentOrNone('order_delivered_customer_date', field('order_delivered_customer_date')),
    estimatedDeliveryAt: readMoment('order_estimated_delivery_date', field('order_estimated_delivery_date')),
  }),
)

/** Items of orders. */
export const itemsFile = file(
  'olist_order_items_dataset.csv',
  ['order_id', 'order_item_id', 'product_id', 'seller_id', 'shipping_limit_date', 'price', 'freight_value'],
  (field) => ({
    orderId: readId('order_id', field('order_id')),
    itemNumber: readCount('order_item_id', field('order_item_id'), 1, 500),
    productId: readId('product_id', field('product_id')),
    sellerId: readId('seller_id', field('seller_id')),
    shipBy: readMoment('shipping_limit_date', field('shipping_limit_date')),
    priceCents: readCents('price', field('price'), itemCentsMax),
    freightCents: readCents('freight_value', field('freight_value'), itemCentsMax),
  }),
)

/** Payments of orders; they have no time of their own. */
export const paymentsFile = file(
  'olist_order_payments_dataset.csv',
  ['order_id', 'payment_sequential', 'payment_type', 'payment_installments', 'payment_value'],
  (field) => ({
    orderId: readId('order_id', field('order_id')),
    sequence: readCount('payment_sequential', field('payment_sequential'), 1, 999_999),
    type: readWord('payment_type', field('payment_type')),
    installments: readCount('payment_installments', field('payment_installments'), 0, 999_999),
    cents: readCents('payment_value', field('payment_value')),
  }),
)

/** Reviews of orders; several orders may have the same review id. */
export const reviewsFile = file(
  'olist_order_reviews_dataset.csv',
  [
    'review_id',
    'order_id',
    'review_score',
    'review_comment_title',
    'review_comment_message',
    'review_creation_date',
    'review_answer_timestamp',
  ],
  (field) => ({
    reviewId: readId('review_id', field('review_id')),
    orderId: readId('order_id', field('order_id')),
    score: readCount('review_score', field('review_score'), 1, 5),
    title: readText('review_comment_title', field('review_comment_title')),
    text: readText('review_comment_message', field('review_comment_message')),
    askedAt: readMoment('review_creation_date', field('review_creation_date')),
    answeredAt: readMoment('review_answer_timestamp', field('review_answer_timestamp')),
  }),
)

/** A row of a file. */
export type RowOf<File> = File extends OlistFile<infer Row> ? Row : never
export type CustomerRow = RowOf<typeof customersFile>
export type OrderRow = RowOf<typeof ordersFile>
export type ItemRow = RowOf<typeof itemsFile>
export type PaymentRow = RowOf<typeof paymentsFile>
export type ReviewRow = RowOf<typeof reviewsFile>

function readStatus(text: string): OrderStatus {
  const status = OrderStatus.options.find((option) => option === text)
  return (
    status ?? refuse(`order_status is ${JSON.stringify(text)}; it must be one of ${OrderStatus.options.join(', ')}`)
  )
}
