// Reads published events back from event logs, with the types of their contracts.

import type { EventContract, EventData, EventMeta, LoggedEvent } from 'tidings'
import { metaOf, readVersion } from 'tidings/contracts'
import type { Awaitable, EventLogPage, EventLogRequest, FactsPage, FactsRequest, StoredFact } from 'tidings/ports'

/** An event that was published. */
export interface PublishedEvent<E extends EventContract> extends EventMeta {
  /** Its data, in the newest version; `undefined` if its entity is gone. */
  readonly data: EventData<E> | undefined
}

/** Reads a log to its end. */
export async function readWholeLog(
  read: (request: EventLogRequest) => Awaitable<EventLogPage>,
  types?: readonly string[],
): Promise<readonly LoggedEvent[]> {
  const events: LoggedEvent[] = []
  for (let after = ''; ; ) {
    const page = await read({ after, limit: 1_000, ...(types === undefined ? {} : { types }) })
    events.push(...page.events)
    if (page.next === after || page.next >= page.head) return events
    after = page.next
  }
}

/** Reads a history of facts from a position to its end. */
export async function readWholeFacts(
  read: (request: FactsRequest) => Awaitable<FactsPage>,
  from: string,
): Promise<readonly StoredFact[]> {
  const facts: StoredFact[] = []
  for (let after = from; ; ) {
    const page = await read({ after, limit: 1_000 })
    facts.push(...page.facts)
    if (page.next === after || page.next >= page.head) return facts
    after = page.next
  }
}

/** An event of a log with its data. */
export function publishedEvent<E extends EventContract>(contract: E, event: LoggedEvent): PublishedEvent<E> {
  return { ...metaOf(event), data: readData(contract, event) as EventData<E> | undefined }
}

/** An event's data in the newest version; `undefined` for a tombstone. */
export function readData(contract: EventContract, event: LoggedEvent): unknown {
  if (event.data === null) return undefined
  const { version, readableFrom, downcasts } = event
  return readVersion(contract.chain, {
    version,
    readableFrom,
    data: JSON.parse(event.data),
    downcasts: downcasts === null ? undefined : (JSON.parse(downcasts) as Readonly<Record<string, unknown>>),
  })
}
