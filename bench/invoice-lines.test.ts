// The lines of the import are always the same, and skewed like retail.

import { expect, test } from 'vitest'
import { InvoiceLine, invoiceLines } from './invoice-lines.ts'

test('the same number of lines is always the same lines, all of them valid', () => {
  const lines = [...invoiceLines(2_000)]
  expect([...invoiceLines(2_000)]).toEqual(lines)
  for (const line of lines) expect(InvoiceLine.parse(line)).toEqual(line)
})

test('500,000 lines are about 25,000 invoices, and few products and customers have most of the lines', () => {
  const invoices = new Set<string>()
  const products = new Map<string, number>()
  const customers = new Map<string, number>()
  for (const { invoiceId, sku, customerId } of invoiceLines(500_000)) {
    invoices.add(invoiceId)
    products.set(sku, (products.get(sku) ?? 0) + 1)
    customers.set(customerId, (customers.get(customerId) ?? 0) + 1)
  }
  const shareOfTenth = (counts: ReadonlyMap<string, number>) => {
    const sorted = [...counts.values()].sort((a, b) => b - a)
    return sorted.slice(0, sorted.length / 10).reduce((sum, count) => sum + count, 0) / 500_000
  }
  expect(invoices.size).toBeGreaterThan(24_000)
  expect(invoices.size).toBeLessThan(26_000)
  expect(products.size).toBe(4_000)
  expect(customers.size).toBeGreaterThan(3_500)
  expect(shareOfTenth(products)).toBeGreaterThan(0.4)
  expect(shareOfTenth(customers)).toBeGreaterThan(0.25)
})
