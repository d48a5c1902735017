// A data set of two orders, written into a temporary folder, for tests that break single rows.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The lines of each file, header first; tests change them before writing. */
export interface SmallOrders {
  readonly customers: string[]
  readonly orders: string[]
  readonly items: string[]
  readonly payments: string[]
  readonly reviews: string[]
}

/** Two orders: `o1` went well, `o2` was handed over before the purchase and cancelled after it. */
export const smallOrders = (): SmallOrders => ({
  customers: [
    'customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state',
    'c1,p1,01310,sao paulo,SP',
    'c2,p1,20040,rio de janeiro,RJ',
  ],
  orders: [
    'order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date',
    'o1,c1,delivered,2017-01-05 10:00:00,2017-01-05 10:30:00,2017-01-06 09:00:00,2017-01-20 00:00:01,2017-01-20 00:00:00',
    'o2,c2,canceled,2017-01-05 11:00:00,2017-01-05 12:00:00,2017-01-04 08:00:00,,2017-02-01 00:00:00',
  ],
  items: [
    'order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value',
    'o1,2,x,s2,2017-01-09 00:00:00,10,0.5',
    'o1,1,x,s1,2017-01-09 00:00:00,39.90,7.39',
    'o2,1,y,s1,2017-01-09 00:00:00,100.00,12.00',
  ],
  payments: [
    'order_id,payment_sequential,payment_type,payment_installments,payment_value',
    'o1,2,voucher,1,17.79',
    'o1,1,credit_card,3,40.00',
    'o2,1,boleto,1,112.00',
  ],
  reviews: [
    'review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,review_answer_timestamp',
    'r1,o1,2,,"late,',
    'and ""open""',
    '",2017-01-21 00:00:00,2017-01-22 08:00:00',
    'r1,o2,1,,,2017-01-03 00:00:00,2017-01-04 07:00:00',
  ],
})

/** Writes a data set into a new folder, which is removed when the result is disposed of. */
export function writeOrders(orders: SmallOrders): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'shop-orders-'))
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, `olist_${name}_dataset.csv`), `${lines.join('\n')}\n`)
  write('customers', orders.customers)
  write('orders', orders.orders)
  write('order_items', orders.items)
  write('order_payments', orders.payments)
  write('order_reviews', orders.reviews)
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}
