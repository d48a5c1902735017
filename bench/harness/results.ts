// The results that docs/benchmarks.md shows, as data: each row with what it was measured with. A run of some rows replaces those alone.

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { rowsOf, type Work } from '../work.ts'
import type { MeasuredWith } from './machine.ts'
import type { ReportRow } from './report.ts'

/** A row and what it was measured with. */
export interface KeptRow extends ReportRow {
  readonly measured: MeasuredWith
}

const file = path.join(import.meta.dirname, '..', 'results.json')

/** The kept rows; none before the first run. */
export function readResults(): readonly KeptRow[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly rows: readonly KeptRow[] }).rows
}

/** Keeps the rows. */
export function writeResults(rows: readonly KeptRow[]): void {
  writeFileSync(file, `${JSON.stringify({ rows }, undefined, 2)}\n`)
}

/** The kept rows with new ones in their places, in the order of the works. Rows that no work has any more are dropped. */
export function merged(
  kept: readonly KeptRow[],
  measured: readonly KeptRow[],
  works: readonly Work[],
): readonly KeptRow[] {
  const keyOf = ({ work, durability }: { readonly work: string; readonly durability: string }) =>
    `${work}|${durability}`
  const all = new Map([...kept, ...measured].map((row) => [keyOf(row), row]))
  return works.flatMap(rowsOf).flatMap((row) => all.get(keyOf(row)) ?? [])
}
