// The report of an import. Invariant: every figure comes from the services' own read models and histories; only what was rejected
// is the importer's to tell. The same state gives the same text, byte for byte.
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { RejectedRow } from '../import/index.ts'
import { ShopTotals, type Totals } from '../services/insights/contract.ts'
import type { Shop } from './shop.ts'

/** What an import came to. */
export interface Report extends Totals {
  /** Events by type, as the services' histories hold them. */
  readonly events: Readonly<Record<string, number>>
  /** Events that subscribers hold because they could not be handled. */
  readonly deadLetters: number
  readonly rejected: readonly RejectedRow[]
}

/** Asks the services for the report. */
export async function buildReport(shop: Shop, rejected: readonly RejectedRow[]): Promise<Report> {
  const totals = await shop.ask(ShopTotals, {})
  const events = Object.entries(await shop.countEvents()).sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...totals, events: Object.fromEntries(events), deadLetters: await shop.countDeferred(), rejected }
}

/** Writes a report: as a whole or not at all. */
export async function writeReport(file: string, report: Report): Promise<void> {
  const text = `${JSON.stringify(report, undefined, 2)}\n`
  await mkdir(dirname(file), { recursive: true })
  const present = await stat(file).catch(() => undefined)
  // A pipe or a terminal is written to, never replaced.
  if (present !== undefined && !present.isFile()) return writeFile(file, text)
  const unfinished = `${file}.${process.pid}.part`
  await writeFile(unfinished, text)
  await rename(unfinished, file)
}
