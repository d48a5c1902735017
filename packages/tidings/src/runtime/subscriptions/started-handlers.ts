// Invokes the handlers that a delivery is for: at first those that have started before it; at a retry those that it was deferred for, under their
// old names too. Invariant: a deferred event is never handled without one of its handlers. If one no longer exists, the event stays.

import type { Position } from '../../ports/index.ts'
import type { NamedHandler } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { DeferredEvent } from '../delivery/deferred-event.ts'
import { handlerGone } from '../delivery/handler-gone.ts'
import type { Invocation, Invoke } from '../delivery/invocation.ts'
import { waitsForNewerCode } from '../delivery/newer-code-missing.ts'
import type { Audience } from '../delivery/subscription-options.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { invokeHandlers } from '../handlers/invoke-handlers.ts'
import { handles } from './deferral-place.ts'
import type { NewerHandlers } from './newer-handlers.ts'

/** The handlers of a subscription, each with the position after which it starts. */
export class StartedHandlers implements Audience {
  readonly #core: ServiceCore
  readonly #handlers: readonly NamedHandler[]
  readonly #since: (handler: NamedHandler) => Position
  readonly #newer: NewerHandlers | undefined
  readonly #invokes = new Map<string, Invoke>()
  readonly #all: Invoke
  readonly invoke: Invoke

  /** @param newer - the handlers that only newer code has, if that has placed the subscription. */
  constructor(
    core: ServiceCore,
    handlers: readonly NamedHandler[],
    since: (handler: NamedHandler) => Position,
    newer?: NewerHandlers,
  ) {
    this.#core = core
    this.#handlers = handlers
    this.#since = since
    this.#newer = newer
    this.#all = invokeHandlers(core, handlers)
    this.invoke = (invocation) => {
      const { before } = invocation
      if (before !== undefined) return this.#invokeAgain(before, invocation)
      const { position } = invocation.delivery
      if (newer !== undefined) this.#leaveToNewer(invocation.delivery)
      if (handlers.every((handler) => position > since(handler))) return this.#all(invocation)
      return this.#invokeOf(handlers.filter((handler) => position > since(handler)))(invocation)
    }
  }

  // An event that both have handlers for is not handled in part.
  #leaveToNewer({ event, position }: Delivery): void {
    const names = event === undefined ? [] : (this.#newer?.namesFor(event, position) ?? [])
    if (event !== undefined && names.length > 0) throw this.#waitsFor(event.type, names)
  }

  #waitsFor(type: string, names: readonly string[]): Error {
    return waitsForNewerCode(this.#core.service.name, type, `handler ${names.join(', ')}`)
  }

  async #invokeAgain(before: DeferredEvent, invocation: Invocation): Promise<void> {
    const lacking = this.#lackingOf(before)
    if (lacking.length > 0) throw this.#waitsFor(before.type, lacking)
    if (before.handlers === undefined) this.#leaveToNewer(invocation.delivery)
    await this.#invokeOf(this.#deferredFor(before, invocation.delivery))(invocation)
  }

  handlersOf({ event, position }: Delivery): readonly string[] {
    if (event === undefined) return []
    const own = this.#handlers
      .filter((handler) => handles(handler, event) && position > this.#since(handler))
      .map(({ name }) => name)
    return this.#newer === undefined ? own : [...own, ...this.#newer.namesFor(event, position)]
  }

  waitsForNewerCode(event: DeferredEvent): boolean {
    return this.#newer !== undefined && (event.handlers === undefined || this.#lackingOf(event).length > 0)
  }

  // The handlers that an event is for and this code lacks, although newer code may have them.
  #lackingOf({ handlers = [] }: DeferredEvent): readonly string[] {
    if (this.#newer === undefined) return []
    return handlers.filter((name) => !this.#handlers.some((handler) => isNamed(handler, name)))
  }

  goneOf({ handlers, type }: DeferredEvent): readonly string[] | undefined {
    // What this code does not have, newer code may have.
    if (this.#core.isOutdated) return undefined
    const known = this.#handlers.filter(({ event }) => event.name === type)
    if (handlers === undefined) return known.length === 0 ? [] : undefined
    const gone = handlers.filter((name) => !known.some((handler) => isNamed(handler, name)))
    return gone.length === 0 ? undefined : gone
  }

  // Throws `HANDLER_GONE` if one of them no longer exists.
  #deferredFor(before: DeferredEvent, { event, position }: Delivery): readonly NamedHandler[] {
    const able = event === undefined ? [] : this.#handlers.filter((handler) => handles(handler, event))
    const { handlers: names } = before
    const gone = (names ?? []).filter((name) => !able.some((handler) => isNamed(handler, name)))
    const chosen =
      names === undefined
        ? able.filter((handler) => position > this.#since(handler))
        : able.filter((handler) => names.some((name) => isNamed(handler, name)))
    if (gone.length === 0 && chosen.length > 0) return chosen
    throw handlerGone(this.#core.service.name, before, gone)
  }

  #invokeOf(handlers: readonly NamedHandler[]): Invoke {
    if (handlers.length === this.#handlers.length) return this.#all
    const names = handlers.map(({ name }) => name).join(' ')
    const known = this.#invokes.get(names)
    if (known !== undefined) return known
    const invoke = invokeHandlers(this.#core, handlers)
    this.#invokes.set(names, invoke)
    return invoke
  }
}

function isNamed({ name, was }: NamedHandler, given: string): boolean {
  return name === given || was === given
}
