// Where instances share a store: a note for each generation that a rebuild has replaced, and when. Functions of other instances that began before the
// switch may still read its tables. Invariant: the note is committed with the switch, and goes when the tables have gone.

import type { Store } from '../../ports/index.ts'
import type { Limits } from '../../services/index.ts'
import { readDocuments, systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** When a generation was replaced, by the clock of the store, in milliseconds since 1970. */
interface Replaced {
  readonly at: number
}

/** A read model, by the subscriber that keeps it. */
interface Kept {
  readonly subscriber: string
}

const prefixOf = ({ subscriber }: Kept) => `replaced/${subscriber}/`

/** Notes, with the switch, that a generation is replaced. */
export function noteReplaced(unit: UnitOfWork, readModel: Kept, generation: number, at: number): void {
  const replaced: Replaced = { at }
  unit.putDocument(systemTables.readModels, `${prefixOf(readModel)}${generation}`, replaced)
}

/** Removes the note, once the tables have gone. */
export function forgetReplaced(unit: UnitOfWork, readModel: Kept, generation: number): void {
  unit.deleteRow(systemTables.readModels, `${prefixOf(readModel)}${generation}`)
}

/** The replaced generations of a read model that still have tables, each with the moment of the switch. */
export async function readReplaced(store: Store, readModel: Kept): Promise<ReadonlyMap<number, number>> {
  const prefix = prefixOf(readModel)
  const notes = await readDocuments<Replaced>(store, systemTables.readModels, prefix)
  return new Map(notes.map(({ key, document }) => [Number(key.slice(prefix.length)), document.at]))
}

/**
 * How long the tables of a replaced generation stay, in milliseconds: until every function that began before its instance knew of the switch has ended. An
 * instance knows of it within `leaseMs`, or has lost its leases.
 */
export function graceMs({ handlerTimeoutMs, leaseMs }: Limits, sharesStore: boolean): number {
  return sharesStore ? handlerTimeoutMs + leaseMs : handlerTimeoutMs
}
