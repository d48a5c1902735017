// What a figure was measured with: the day, the versions, the machine and its load.

import { cpus, loadavg } from 'node:os'
import { DatabaseSync } from 'node:sqlite'

/** What a figure was measured with. */
export interface MeasuredWith {
  readonly date: string
  readonly node: string
  readonly sqlite: string
  readonly machine: string
  /** The load of the machine when the run began. Other load slows the contenders down, but not all of them equally: use an idle machine. */
  readonly load: number
  readonly turns: number
}

/** What is measured with now. */
export function measuredWith(turns: number): MeasuredWith {
  const all = cpus()
  const database = new DatabaseSync(':memory:')
  const sqlite = String(database.prepare('SELECT sqlite_version() AS version').get()?.version)
  database.close()
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    sqlite,
    machine: `${process.platform}, ${all.length} × ${all[0]?.model.trim() ?? 'unknown'}`,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    turns,
  }
}

/** One sentence of it. */
export const inWords = ({ date, node, sqlite, machine, load, turns }: MeasuredWith): string =>
  `${date}, Node ${node}, SQLite ${sqlite}, ${machine}, load ${load.toFixed(1)} at the start; medians of ${turns} ${turns === 1 ? 'turn' : 'turns'}`
