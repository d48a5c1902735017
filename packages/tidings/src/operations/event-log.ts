// The event log of a service, as operators look at it: how far it reaches, what it holds, what comes behind a position.

import type { LoggedEvent } from '../contracts/index.ts'
import type { LogPage, LogRequest, LogSearch, Position } from '../ports/index.ts'
import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'

/** How far a service's event log and its facts reach: the positions of their last entries, as the store has them now. */
export async function logHeadsOf({
  store,
}: ServiceRuntime): Promise<{ readonly logHead: Position; readonly factsHead: Position }> {
  const [log, facts] = await Promise.all([
    store.readLog({ after: '', limit: 1 }),
    store.readFacts({ after: '', limit: 1 }),
  ])
  return { logHead: log.head, factsHead: facts.head }
}

/** The published events of a service that match a search, newest first. */
export async function searchEvents({ store }: ServiceRuntime, search: LogSearch): Promise<readonly LoggedEvent[]> {
  return store.searchLog(search)
}

/** The published events of a service behind a position, oldest first. */
export async function eventsAfter(
  { store }: ServiceRuntime,
  after: Position,
  request: Omit<LogRequest, 'after'>,
): Promise<LogPage> {
  return store.readLog({ ...request, after })
}
