// Reads an event's data. The publisher may know another version of the contract than this code.

import { type EventContract, type LoggedEvent, readVersion } from '../../contracts/index.ts'

/** An event's data as the newest version this code knows; `undefined` for a tombstone. */
export function readEventData(contract: EventContract, event: LoggedEvent): unknown {
  if (event.data === null) return undefined
  const data: unknown = JSON.parse(event.data)
  if (event.version === contract.chain.latest.version) return data
  return readVersion(contract.chain, {
    version: event.version,
    readableFrom: event.readableFrom,
    data,
    downcasts: event.downcasts === null ? undefined : (JSON.parse(event.downcasts) as Record<string, unknown>),
  })
}
