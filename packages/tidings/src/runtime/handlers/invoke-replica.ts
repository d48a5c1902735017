// Keeps a replica: one row per key, with the latest version that has arrived.

import type { EventContract } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Invoke } from '../delivery/invocation.ts'
import { encode } from '../tables/bind-tables.ts'
import type { ReadModel } from '../tables/read-models.ts'
import { readEventData } from './read-event-data.ts'

/** Keeps a replica: the latest version per key; a tombstone removes the row and keeps its version. */
export function invokeReplica(
  core: ServiceCore,
  readModel: ReadModel,
  contract: EventContract,
  generation: () => number,
): Invoke {
  const table = readModel.tables[readModel.name]?.bound(generation)
  if (table === undefined)
    throw new TidingsError('INVARIANT', `Invariant broken: replica ${readModel.name} without a table`)
  return async ({ delivery, unit }) => {
    const { event } = delivery
    if (event === undefined || event.type !== contract.name) return
    const versions = `${readModel.name}.versions@${generation()}`
    const known = await unit.get(versions, event.key)
    const version = event.entityVersion ?? 0
    if (known !== undefined && Number(known.json) >= version) return
    unit.put(versions, event.key, { schemaVersion: 1, json: String(version), columns: [] })
    if (event.data === null) {
      unit.deleteRow(table.physical(), event.key)
      return
    }
    unit.put(table.physical(), event.key, encode(table, readEventData(contract, event), core.service.limits))
  }
}
