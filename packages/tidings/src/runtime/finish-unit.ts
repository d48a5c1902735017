// The last step of a function's unit of work: state-transfer events get the version of their entity.

import type { EventContract, EventRecord } from '../contracts/index.ts'
import { TidingsError } from '../errors/index.ts'
import { systemTables } from './system-tables.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** Completes the events of a unit; throws `PAYLOAD_TOO_LARGE` where it publishes more than `publishCountMax`. */
export async function finishUnit(
  unit: UnitOfWork,
  contracts: ReadonlyMap<string, EventContract>,
  publishCountMax: number,
): Promise<void> {
  const published = unit.events.length - unit.finishedCount
  if (published === 0) return
  if (published > publishCountMax) {
    throw new TidingsError(
      'PAYLOAD_TOO_LARGE',
      `One function published ${published} events; publishCountMax is ${publishCountMax}.`,
    )
  }
  for (let i = unit.finishedCount; i < unit.events.length; i++) {
    const event = unit.events[i] as EventRecord
    // Events of a command that was executed within have their version already.
    if (event.entityVersion !== null || contracts.get(event.type)?.pattern !== 'state-transfer') continue
    const key = `${event.type}/${event.key}`
    const row = await unit.get(systemTables.entityVersions, key)
    const entityVersion = (row === undefined ? 0 : Number(row.json)) + 1
    unit.put(systemTables.entityVersions, key, { schemaVersion: 1, json: String(entityVersion), columns: [] })
    unit.events[i] = { ...event, entityVersion }
  }
  unit.finishedCount = unit.events.length
}
