// Follows published events: reads every service's event log from its present head on, again and again.
// Invariant: the heads are read before anything is printed, so no event is missed in between.

import { setTimeout as pause } from 'node:timers/promises'
import type { EventSearch } from '@tidings/http/wire'
import type { LoggedEvent } from 'tidings'
import type { Operator } from './operator.ts'

/** The pause between two reads without new events, in milliseconds. */
const pauseMs = 250

/** Reads the present heads of the event logs; the returned function yields later events until it is interrupted. */
export async function follow(
  operator: Operator,
  search: EventSearch,
): Promise<(interrupted: AbortSignal) => AsyncGenerator<LoggedEvent>> {
  const services = search.service === undefined ? operator.services.map(({ name }) => name) : [search.service]
  const positions = new Map<string, string>()
  for (const service of services) positions.set(service, (await operator.eventsAfter(service, '', { limit: 1 })).head)
  return async function* (interrupted) {
    while (!interrupted.aborted) {
      const fresh: LoggedEvent[] = []
      for (const [service, after] of positions) {
        const page = await operator.eventsAfter(service, after, pick(search))
        positions.set(service, page.next)
        fresh.push(...page.events.filter((event) => matches(event, search)))
      }
      yield* fresh.sort((a, b) => a.recordedAt - b.recordedAt)
      if (fresh.length === 0) await pause(pauseMs, undefined, { signal: interrupted }).catch(() => {})
    }
  }
}

function pick({ type, key }: EventSearch): { readonly type?: string; readonly key?: string } {
  return { ...(type === undefined ? {} : { type }), ...(key === undefined ? {} : { key }) }
}

function matches(event: LoggedEvent, { id, correlation }: EventSearch): boolean {
  return (id === undefined || event.id === id) && (correlation === undefined || event.correlationId === correlation)
}
