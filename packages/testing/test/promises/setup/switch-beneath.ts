// What another instance does when it switches read models to a new generation, in one commit and without any time passing: so that no instance can have
// looked at the store in between.

import type { RowWrite, Store } from 'tidings/ports'

/** A read model, and the only row of its new generation. */
export interface SwitchedTo {
  readonly subscriber: string
  readonly table: string
  readonly key: string
  readonly row: object
  /** The indexed fields, and their values. */
  readonly indexes?: Readonly<Record<string, string>>
}

/** Switches read models to a generation. */
export async function switchBeneath(
  store: Store,
  generation: number,
  readModels: readonly SwitchedTo[],
): Promise<void> {
  const rows: RowWrite[] = []
  for (const { subscriber, table, key, row, indexes = {} } of readModels) {
    const kept = await store.get('tidings.read-models', subscriber)
    const name = `${table}@${generation}`
    await store.ensureTable({ name, indexes: Object.keys(indexes) })
    const state = JSON.stringify({ ...JSON.parse(kept?.json ?? '{}'), generation })
    const columns = Object.values(indexes)
    rows.push({ table: name, key, row: { schemaVersion: 1, json: JSON.stringify(row), columns } })
    rows.push({ table: 'tidings.read-models', key: subscriber, row: { schemaVersion: 1, json: state, columns: [] } })
  }
  await store.commit({ checks: [], rows, appends: [], events: [] })
}
