// The last step of a function's unit of work: state-transfer events get the version of their entity.

import type { EventContract, EventRecord } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import { systemTables } from './system-tables.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/**
 * Completes the events of a unit; throws `PAYLOAD_TOO_LARGE` where a function publishes more than `publishCountMax`.
 *
 * @returns what is still to be waited for, or nothing: most functions publish no state.
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
  unit.finishedCount = unit.events.length
  for (let index = first; index < unit.events.length; index++) {
    if (needsVersion(unit.events[index] as EventRecord, contracts)) return giveVersions(unit, contracts, first)
  }
  return undefined
}

// Events of a command that was executed within have their version already.
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
    unit.events[index] = { ...event, entityVersion }
  }
}
