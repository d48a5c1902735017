// Following what is published: every service's log is read on from where it stood, again and again.
// Invariant: the places are taken before anything is shown, so that nothing is missed in between.

import { setTimeout as pause } from 'node:timers/promises'
import type { EventSearch } from '@tidings/http/wire'
import type { LoggedEvent } from 'tidings'
import type { Operator } from './operator.ts'

/** From one look to the next, in milliseconds. */
const lookMs = 250

/** Takes the present places in the logs; what it gives yields what comes behind them until it is interrupted. */
export async function follow(
  operator: Operator,
  search: EventSearch,
): Promise<(interrupted: AbortSignal) => AsyncGenerator<LoggedEvent>> {
  const services = search.service === undefined ? operator.services.map(({ name }) => name) : [search.service]
  const places = new Map<string, string>()
  for (const service of services) places.set(service, (await operator.eventsAfter(service, '', { limit: 1 })).head)
  return async function* (interrupted) {
    while (!interrupted.aborted) {
      const fresh: LoggedEvent[] = []
      for (const [service, after] of places) {
        const page = await operator.eventsAfter(service, after, pick(search))
        places.set(service, page.next)
        fresh.push(...page.events.filter((event) => matches(event, search)))
      }
      yield* fresh.sort((a, b) => a.recordedAt - b.recordedAt)
      if (fresh.length === 0) await pause(lookMs, undefined, { signal: interrupted }).catch(() => {})
    }
  }
}

function pick({ type, key }: EventSearch): { readonly type?: string; readonly key?: string } {
  return { ...(type === undefined ? {} : { type }), ...(key === undefined ? {} : { key }) }
}

function matches(event: LoggedEvent, { id, correlation }: EventSearch): boolean {
  return (id === undefined || event.id === id) && (correlation === undefined || event.correlationId === correlation)
}
