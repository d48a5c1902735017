// The last step of a function within a unit of work: its state-transfer events get the version of their entity.

import type { EventContract, EventRecord } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import { systemTables } from './system-tables.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/**
 * Completes the events that a function has published in a unit; throws `PAYLOAD_TOO_LARGE` if there are more than `publishCountMax`.
 *
 * @returns a promise only if there are versions to read: most functions publish no state.
 */
export function finishUnit(
  unit: UnitOfWork,
  contracts: ReadonlyMap<string, EventContract>,
  publishCountMax: number,
): Promise<void> | undefined {
  const first = unit.finishedCount
  const published = unit.events.length - first
  if (published === 0) return undefined
  if (published > publishCountMax) {
    throw new TidingsError(
      'PAYLOAD_TOO_LARGE',
      `One function published ${published} events; publishCountMax is ${publishCountMax}.`,
    )
  }
  unit.markFinished()
  for (let index = first; index < unit.events.length; index++) {
    if (needsVersion(unit.events[index] as EventRecord, contracts)) return giveVersions(unit, contracts, first)
  }
  return undefined
}

// Events of a command that the function has executed have their version already.
function needsVersion(event: EventRecord, contracts: ReadonlyMap<string, EventContract>): boolean {
  return event.entityVersion === null && contracts.get(event.type)?.pattern === 'state-transfer'
}

async function giveVersions(
  unit: UnitOfWork,
  contracts: ReadonlyMap<string, EventContract>,
  first: number,
): Promise<void> {
  for (let index = first; index < unit.events.length; index++) {
    const event = unit.events[index] as EventRecord
    if (!needsVersion(event, contracts)) continue
    const key = `${event.type}/${event.key}`
    const row = await unit.get(systemTables.entityVersions, key)
    const entityVersion = (row === undefined ? 0 : Number(row.json)) + 1
    unit.put(systemTables.entityVersions, key, { schemaVersion: 1, json: String(entityVersion), columns: [] })
    unit.replaceEvent(index, { ...event, entityVersion })
  }
}
