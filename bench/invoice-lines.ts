// The data of the import: invoice lines as in retail, made from a seed. Few products and customers have most of the lines, invoices have one line
// or dozens. Invariant: the same number of lines is always the same lines.

import * as z from 'zod'

/** Validates a line of an invoice: the command, and what its event carries. */
export const InvoiceLine = z.object({
  invoiceId: z.string().min(1),
  lineNumber: z.int().positive(),
  customerId: z.string().min(1),
  sku: z.string().min(1),
  description: z.string(),
  quantity: z.int().positive(),
  cents: z.int().nonnegative(),
  country: z.string().length(2),
})

/** A line of an invoice. */
export type InvoiceLine = z.infer<typeof InvoiceLine>

/** Validates the row of an invoice. */
export const InvoiceRow = z.object({
  invoiceId: z.string(),
  customerId: z.string(),
  lines: z.int(),
  cents: z.int(),
})

/** Validates the row of a product. */
export const ProductRow = z.object({ sku: z.string(), lines: z.int(), quantity: z.int(), cents: z.int() })

/** Validates the row of a customer. */
export const CustomerRow = z.object({ customerId: z.string(), lines: z.int(), cents: z.int() })

const lineCountMean = 20
const productCount = 4_000
const customerCount = 4_000
const countries = ['GB', 'DE', 'FR', 'IE', 'ES', 'NL']
const seed = 20_260_301

/** Makes lines, invoice after invoice: 25,000 invoices in 500,000 lines. */
export function* invoiceLines(count: number): Generator<InvoiceLine> {
  const random = mulberry32(seed)
  const skewed = (length: number, power: number) => Math.floor(length * random() ** power)
  let made = 0
  for (let invoice = 1; made < count; invoice++) {
    const length = Math.max(1, Math.round(-Math.log(1 - random()) * lineCountMean))
    const customer = skewed(customerCount, 2)
    const country = countries[skewed(countries.length, 3)] ?? 'GB'
    for (let lineNumber = 1; lineNumber <= length && made < count; lineNumber++, made++) {
      const product = skewed(productCount, 3)
      const quantity = 1 + skewed(24, 3)
      yield {
        invoiceId: `invoice-${invoice}`,
        lineNumber,
        customerId: `customer-${customer}`,
        sku: `sku-${product}`,
        description: `an article of the range, number ${product}`,
        quantity,
        cents: quantity * (50 + (product % 1_500)),
        country,
      }
    }
  }
}

/** A generator of numbers from 0 to 1: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c. */
function mulberry32(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
