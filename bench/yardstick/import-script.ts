// The import by hand: a plain script that commits each line. A transaction writes the line and changes its invoice, its product and its
// customer: it reads their rows, adds, validates, and writes them back.

import { CustomerRow, InvoiceLine, InvoiceRow, ProductRow } from '../invoice-lines.ts'
import type { Place } from '../work.ts'
import { openDatabase } from './open-database.ts'

const tables = `
  CREATE TABLE lines (
    invoice_id TEXT NOT NULL, line_number INTEGER NOT NULL, customer_id TEXT NOT NULL, sku TEXT NOT NULL, description TEXT NOT NULL,
    quantity INTEGER NOT NULL, cents INTEGER NOT NULL, country TEXT NOT NULL, recorded_at INTEGER NOT NULL,
    PRIMARY KEY (invoice_id, line_number));
  CREATE TABLE invoices (invoice_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, lines INTEGER NOT NULL, cents INTEGER NOT NULL);
  CREATE TABLE products (sku TEXT PRIMARY KEY, lines INTEGER NOT NULL, quantity INTEGER NOT NULL, cents INTEGER NOT NULL);
  CREATE TABLE customers (customer_id TEXT PRIMARY KEY, lines INTEGER NOT NULL, cents INTEGER NOT NULL)`

/** Opens the database of the script. */
export function openImport({ folder, durability }: Place) {
  const { sqlite, transaction, close } = openDatabase(folder, 'retail', durability)
  sqlite.exec(tables)
  const get = (sql: string) => {
    const statement = sqlite.prepare(sql)
    statement.setReturnArrays(true)
    return (key: string) => (statement.get(key) ?? [0, 0, 0]) as unknown as readonly [number, number, number]
  }
  const insert = sqlite.prepare('INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const getInvoice = get('SELECT lines, cents FROM invoices WHERE invoice_id = ?')
  const putInvoice = sqlite.prepare(`INSERT INTO invoices VALUES (?, ?, ?, ?) ON CONFLICT (invoice_id) DO UPDATE
    SET customer_id = excluded.customer_id, lines = excluded.lines, cents = excluded.cents`)
  const getProduct = get('SELECT lines, cents, quantity FROM products WHERE sku = ?')
  const putProduct = sqlite.prepare(`INSERT INTO products VALUES (?, ?, ?, ?) ON CONFLICT (sku) DO UPDATE
    SET lines = excluded.lines, quantity = excluded.quantity, cents = excluded.cents`)
  const getCustomer = get('SELECT lines, cents FROM customers WHERE customer_id = ?')
  const putCustomer = sqlite.prepare(`INSERT INTO customers VALUES (?, ?, ?) ON CONFLICT (customer_id) DO UPDATE
    SET lines = excluded.lines, cents = excluded.cents`)

  function changeInvoice({ invoiceId, customerId, cents }: InvoiceLine): void {
    const [lines, before] = getInvoice(invoiceId)
    const row = InvoiceRow.parse({ invoiceId, customerId, lines: lines + 1, cents: before + cents })
    putInvoice.run(row.invoiceId, row.customerId, row.lines, row.cents)
  }

  function changeProduct({ sku, quantity, cents }: InvoiceLine): void {
    const [lines, before, sold] = getProduct(sku)
    const row = ProductRow.parse({ sku, lines: lines + 1, quantity: sold + quantity, cents: before + cents })
    putProduct.run(row.sku, row.lines, row.quantity, row.cents)
  }

  function changeCustomer({ customerId, cents }: InvoiceLine): void {
    const [lines, before] = getCustomer(customerId)
    const row = CustomerRow.parse({ customerId, lines: lines + 1, cents: before + cents })
    putCustomer.run(row.customerId, row.lines, row.cents)
  }

  return {
    record: (input: InvoiceLine): undefined => {
      const line = InvoiceLine.parse(input)
      transaction(() => {
        const { invoiceId, lineNumber, customerId, sku, description, quantity, cents, country } = line
        insert.run(invoiceId, lineNumber, customerId, sku, description, quantity, cents, country, Date.now())
        changeInvoice(line)
        changeProduct(line)
        changeCustomer(line)
      })
      return undefined
    },
    /** The cents of all invoices, products and customers. */
    totals: (): readonly number[] =>
      ['invoices', 'products', 'customers'].map((table) =>
        Number(sqlite.prepare(`SELECT sum(cents) AS cents FROM ${table}`).get()?.cents),
      ),
    close,
  }
}
