// The report of an import. Invariant: all figures come from the services' read models and histories; only the rejected rows come from the
// importer. The same state gives the same text, byte for byte.
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { RejectedRow } from '../import/index.ts'
import { ShopTotals, type Totals } from '../services/insights/contract.ts'
import type { Shop } from './shop.ts'

/** The report of an import. */
export interface Report extends Totals {
  /** Events by type, from the services' histories. */
  readonly events: Readonly<Record<string, number>>
  /** Deferred events of all subscribers: parked ones, and those that wait behind them. */
  readonly deadLetters: number
  readonly rejected: readonly RejectedRow[]
}

/** Queries the services for the report. */
export async function buildReport(shop: Shop, rejected: readonly RejectedRow[]): Promise<Report> {
  const totals = await shop.ask(ShopTotals, {})
  const events = Object.entries(await shop.countEvents()).sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...totals, events: Object.fromEntries(events), deadLetters: await shop.countDeferred(), rejected }
}

/** Writes a report, completely or not at all. */
export async function writeReport(file: string, report: Report): Promise<void> {
  const text = `${JSON.stringify(report, undefined, 2)}\n`
  await mkdir(dirname(file), { recursive: true })
  const present = await stat(file).catch(() => undefined)
  // A pipe or a terminal is written to; it must not be replaced.
  if (present !== undefined && !present.isFile()) return writeFile(file, text)
  const unfinished = `${file}.${process.pid}.part`
  await writeFile(unfinished, text)
  await rename(unfinished, file)
}
