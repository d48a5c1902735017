// The hand-written import does the whole work: each line is committed with its invoice, its product and its customer, or nothing of it is.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder, removeFolder } from '../harness/folders.ts'
import { invoiceLines } from '../invoice-lines.ts'
import { openImport } from './import-script.ts'
import { openDatabase } from './open-database.ts'

let folder = ''
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => removeFolder(folder))

test('each line counts once in its invoice, its product and its customer; a line that is refused counts nowhere', () => {
  const lines = [...invoiceLines(300)]
  const running = openImport({ folder, durability: 'process-crash' })
  for (const line of lines) running.record(line)
  const [first] = lines
  expect(() => running.record({ ...first!, quantity: 0 })).toThrow('quantity')
  expect(() => running.record(first!), 'a second time').toThrow('UNIQUE')
  const cents = lines.reduce((sum, line) => sum + line.cents, 0)
  expect(running.totals()).toEqual([cents, cents, cents])
  running.close()
  const { sqlite, close } = openDatabase(folder, 'retail', 'process-crash')
  const counts = `SELECT (SELECT count(*) FROM lines) AS lines, (SELECT sum(lines) FROM invoices) AS ofInvoices,
    (SELECT sum(lines) FROM products) AS ofProducts, (SELECT sum(lines) FROM customers) AS ofCustomers`
  expect(sqlite.prepare(counts).get()).toEqual({ lines: 300, ofInvoices: 300, ofProducts: 300, ofCustomers: 300 })
  close()
})
