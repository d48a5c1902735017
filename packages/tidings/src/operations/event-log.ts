// Reads a service's event log for operators: its last position, a search, and the events after a position.

import type { LoggedEvent } from '../contracts/index.ts'
import type { EventLogPage, EventLogRequest, EventLogSearch, Position } from '../ports/index.ts'
import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'

/** The last positions of a service's event log and of its facts, as the store has them now. */
export async function eventLogHeadsOf({
  store,
}: ServiceRuntime): Promise<{ readonly eventLogHead: Position; readonly factsHead: Position }> {
  const [log, facts] = await Promise.all([
    store.readEventLog({ after: '', limit: 1 }),
    store.readFacts({ after: '', limit: 1 }),
  ])
  return { eventLogHead: log.head, factsHead: facts.head }
}

/** The published events of a service that match a search, newest first. */
export async function searchEvents({ store }: ServiceRuntime, search: EventLogSearch): Promise<readonly LoggedEvent[]> {
  return store.searchEventLog(search)
}

/** The published events of a service after a position, oldest first. */
export async function eventsAfter(
  { store }: ServiceRuntime,
  after: Position,
  request: Omit<EventLogRequest, 'after'>,
): Promise<EventLogPage> {
  return store.readEventLog({ ...request, after })
}
