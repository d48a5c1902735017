// An import: one invoice line after the other, beside a plain script that commits each. The time runs until all handlers and projections are
// done. Every round imports into an empty folder.

import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { rateOf } from '../harness/cpu.ts'
import { removeFolder } from '../harness/folders.ts'
import { type InvoiceLine, invoiceLines } from '../invoice-lines.ts'
import { openRetail } from '../tidings/retail.ts'
import type { Contender, Durability, Place, Work } from '../work.ts'
import { openImport } from '../yardstick/import-script.ts'

/** The lines that are imported before the first round, so that it is not the one that compiles the code. */
const warmUpCount = 5_000

interface Import {
  record(line: InvoiceLine): Promise<unknown> | undefined
  settled?(): Promise<void>
  /** The cents of all invoices, products and customers. */
  totals(): Promise<readonly number[]> | readonly number[]
  close(): Promise<void> | void
}

type Open = (place: Place) => Promise<Import> | Import

const contender =
  (open: Open): Contender =>
  async ({ folder, durability }, { importCount }) => {
    let round = 0

    async function importAll(count: number) {
      const place = { folder: path.join(folder, String(++round)), durability }
      mkdirSync(place.folder)
      const running = await open(place)
      let cents = 0
      const measured = await rateOf(async () => {
        for (const line of invoiceLines(count)) {
          const pending = running.record(line)
          if (pending !== undefined) await pending
          cents += line.cents
        }
        await running.settled?.()
        return count
      })
      const totals = await running.totals()
      if (totals.some((total) => total !== cents)) throw new Error(`${cents} cents became ${totals.join(', ')}.`)
      await running.close()
      removeFolder(place.folder)
      return measured
    }

    await importAll(Math.min(warmUpCount, importCount))
    return { round: () => importAll(importCount), close: () => undefined }
  }

/** The row for a durability. */
export const importLines = (durability: Durability): Work => ({
  work: 'import of invoice lines',
  about:
    'Generated invoice lines, skewed like retail, one after the other: a command changes the invoice and publishes an event, a handler keeps the products, a projection the customers. By hand, a plain script commits each line.',
  durability,
  unit: 'lines/s',
  marks: { yardstick: 0.9 },
  turns: 1,
  firstCounts: true,
  tidings: contender(openRetail),
  yardstick: contender(openImport),
})
