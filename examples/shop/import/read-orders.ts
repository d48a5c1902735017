// Reads the whole data set and joins it: each order with its customer, items, payments and reviews.
// Invariant: a row that names an unknown order or customer, or repeats an earlier row, is rejected; everything else is kept, however
// odd it looks.
import { refuse } from './fields.ts'
import {
  type CustomerRow,
  customersFile,
  type ItemRow,
  itemsFile,
  type OrderRow,
  ordersFile,
  type PaymentRow,
  paymentsFile,
  type ReviewRow,
  reviewsFile,
} from './olist-rows.ts'
import { type ReadRow, type RejectedRow, type RowPlace, readOlistFile } from './read-file.ts'

/** An order with everything that belongs to it: the life of an order. */
export interface ImportedOrder extends OrderRow {
  readonly items: ItemRow[]
  readonly payments: PaymentRow[]
  readonly reviews: ReviewRow[]
}

/** The data set, joined. */
export interface ImportedOrders {
  /** Customers by id; some may have no order. */
  readonly customers: ReadonlyMap<string, CustomerRow>
  readonly orders: ReadonlyMap<string, ImportedOrder>
  /** The rows that were not read, in the order of the files and lines. */
  readonly rejected: readonly RejectedRow[]
  /** The file and line of each row that was read, by its kind and id: `order/…`, `customer/…`, `review/…/…`, `order/…/payment/1`. */
  readonly places: ReadonlyMap<string, RowPlace>
}

/** Reads the data set in a folder. Throws if one of its files is missing or has the wrong columns. */
export async function readOrders(folder: string): Promise<ImportedOrders> {
  const rejected: RejectedRow[] = []
  const places = new Map<string, RowPlace>()
  const customers = new Map<string, CustomerRow>()
  const orders = new Map<string, ImportedOrder>()
  const orderOf = (orderId: string): ImportedOrder =>
    orders.get(orderId) ?? refuse(`order ${orderId} is unknown, or its row was rejected`)

  const newCustomer = refuseRepeats<CustomerRow>('customer', (row) => row.customerId)
  await readOlistFile(folder, customersFile, rejected, (read) => {
    customers.set(newCustomer(read), read.row)
    places.set(`customer/${read.row.customerId}`, { file: customersFile.name, line: read.line })
  })
  const newOrder = refuseRepeats<OrderRow>('order', (row) => row.orderId)
  await readOlistFile(folder, ordersFile, rejected, (read) => {
    if (!customers.has(read.row.customerId)) {
      refuse(`customer ${read.row.customerId} is unknown, or its row was rejected`)
    }
    orders.set(newOrder(read), { ...read.row, items: [], payments: [], reviews: [] })
    places.set(`order/${read.row.orderId}`, { file: ordersFile.name, line: read.line })
  })
  const newItem = refuseRepeats<ItemRow>('item', (row) => `${row.itemNumber} of order ${row.orderId}`)
  await readOlistFile(folder, itemsFile, rejected, (read) => {
    const order = orderOf(read.row.orderId)
    newItem(read)
    order.items.push(read.row)
  })
  const newPayment = refuseRepeats<PaymentRow>('payment', (row) => `${row.sequence} of order ${row.orderId}`)
  await readOlistFile(folder, paymentsFile, rejected, (read) => {
    const order = orderOf(read.row.orderId)
    newPayment(read)
    order.payments.push(read.row)
    places.set(`order/${read.row.orderId}/payment/${read.row.sequence}`, { file: paymentsFile.name, line: read.line })
  })
  const newReview = refuseRepeats<ReviewRow>('review', (row) => `${row.reviewId} of order ${row.orderId}`)
  await readOlistFile(folder, reviewsFile, rejected, (read) => {
    const order = orderOf(read.row.orderId)
    newReview(read)
    order.reviews.push(read.row)
    places.set(`review/${read.row.reviewId}/${read.row.orderId}`, { file: reviewsFile.name, line: read.line })
  })
  return { customers, orders, rejected, places }
}

// Returns a row's id, or refuses the row if an earlier row has the same id.
function refuseRepeats<Row>(what: string, idOf: (row: Row) => string): (read: ReadRow<Row>) => string {
  const lines = new Map<string, number>()
  return ({ line, row }) => {
    const id = idOf(row)
    const before = lines.get(id)
    if (before !== undefined) refuse(`${what} ${id} is already on line ${before}`)
    lines.set(id, line)
    return id
  }
}
