// Two services in Tidings: one records invoice lines, each by a command that changes its invoice and publishes an event; the other keeps
// products with a handler, and customers as a read model with a projection.

import { defineCommand, defineEvent, defineService, defineTable } from 'tidings'
import { CustomerRow, InvoiceLine, InvoiceRow, ProductRow } from '../invoice-lines.ts'
import type { Place } from '../work.ts'
import { openSystem } from './open-system.ts'

const RecordLine = defineCommand('record-line', { input: InvoiceLine, key: (line) => line.invoiceId })

const LineSold = defineEvent('bench.line-sold', { owner: 'sales', pattern: 'event-sourcing' })
  .version(1, InvoiceLine)
  .key((line) => line.invoiceId)

const invoices = defineTable('invoices')
  .version(1, InvoiceRow)
  .key((row) => row.invoiceId)

const products = defineTable('products')
  .version(1, ProductRow)
  .key((row) => row.sku)

const customers = defineTable('customers')
  .version(1, CustomerRow)
  .key((row) => row.customerId)

function sales() {
  const service = defineService('sales', { publishes: [LineSold], tables: { invoices } })
  return service.with({
    recordLine: service.command(RecordLine, { publishes: [LineSold] }, async (line, { tables, publish }) => {
      const { invoiceId, customerId, cents } = line
      const row = (await tables.invoices.get(invoiceId)) ?? { invoiceId, customerId, lines: 0, cents: 0 }
      tables.invoices.put({ ...row, lines: row.lines + 1, cents: row.cents + cents })
      publish(LineSold, line)
    }),
  })
}

function range() {
  const service = defineService('range', { tables: { products }, readModels: { customers } })
  return service.with({
    countProduct: service.on(LineSold, async ({ sku, quantity, cents }, { tables }) => {
      const row = (await tables.products.get(sku)) ?? { sku, lines: 0, quantity: 0, cents: 0 }
      tables.products.put({ sku, lines: row.lines + 1, quantity: row.quantity + quantity, cents: row.cents + cents })
    }),
    byCustomer: service
      .projection('by-customer', { writes: ['customers'] })
      .on(LineSold, async ({ customerId, cents }, { tables }) => {
        const row = (await tables.customers.get(customerId)) ?? { customerId, lines: 0, cents: 0 }
        tables.customers.put({ customerId, lines: row.lines + 1, cents: row.cents + cents })
      }),
  })
}

/** Opens the two services. */
export async function openRetail(place: Place) {
  const system = await openSystem(place, [sales(), range()])
  return {
    record: (line: InvoiceLine) => system.service('sales').command('record-line', line),
    settled: () => system.settled(),
    /** The cents of all invoices, products and customers. */
    totals: async (): Promise<readonly number[]> => {
      const sum = async (service: string, table: string) => {
        const [row] = await system
          .service(service)
          .store.sql(`SELECT sum(doc ->> 'cents') AS cents FROM "${table}"`, [])
        return Number(row?.cents)
      }
      return [await sum('sales', 'invoices'), await sum('range', 'products'), await sum('range', 'customers@1')]
    },
    close: () => system.close(),
  }
}
