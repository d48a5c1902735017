// What becomes of a deferred event whose handler no longer exists: it stays where it is, and says so, until the handler is back under a name of its
// own or an operator decides to go on without it.

import { TidingsError } from '../../errors/index.ts'
import type { DeferredEvent } from './deferred-event.ts'

/** The error of an event that was deferred for handlers which no longer exist; their names are not known if an earlier build stored it. */
export function handlerGone(service: string, { type }: DeferredEvent, names: readonly string[]): TidingsError {
  const which = names.length === 0 ? 'a handler' : `handler ${names.join(', ')}`
  return new TidingsError(
    'HANDLER_GONE',
    `${type} was deferred for ${which} of ${service}, which no longer exists: nothing was run.`,
    { details: { handlers: names } },
  )
}

/** What is left of a deferred event without the handlers that are gone; `undefined` if nothing is. */
export function withoutGone(event: DeferredEvent, gone: readonly string[]): DeferredEvent | undefined {
  const handlers = (event.handlers ?? []).filter((name) => !gone.includes(name))
  return handlers.length === 0 ? undefined : { ...event, handlers }
}
