// Invokes the handlers that a delivery is for: at first those that have started before it; at a retry those that it was deferred for, under their
// old names too. Invariant: a deferred event is never handled without one of its handlers. If one no longer exists, the event stays.

import type { Position } from '../../ports/index.ts'
import type { NamedHandler } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { DeferredEvent } from '../delivery/deferred-event.ts'
import { handlerGone } from '../delivery/handler-gone.ts'
import type { Invocation, Invoke } from '../delivery/invocation.ts'
import type { Audience } from '../delivery/subscription-options.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { invokeHandlers } from '../handlers/invoke-handlers.ts'
import { handles } from './deferral-place.ts'

/** The handlers of a subscription, each with the position after which it starts. */
export class StartedHandlers implements Audience {
  readonly #core: ServiceCore
  readonly #handlers: readonly NamedHandler[]
  readonly #since: (handler: NamedHandler) => Position
  readonly #invokes = new Map<string, Invoke>()
  readonly #all: Invoke
  readonly invoke: Invoke

  constructor(core: ServiceCore, handlers: readonly NamedHandler[], since: (handler: NamedHandler) => Position) {
    this.#core = core
    this.#handlers = handlers
    this.#since = since
    this.#all = invokeHandlers(core, handlers)
    this.invoke = (invocation) => {
      const { before } = invocation
      if (before !== undefined) return this.#invokeAgain(before, invocation)
      const { position } = invocation.delivery
      if (handlers.every((handler) => position > since(handler))) return this.#all(invocation)
      return this.#invokeOf(handlers.filter((handler) => position > since(handler)))(invocation)
    }
  }

  async #invokeAgain(before: DeferredEvent, invocation: Invocation): Promise<void> {
    await this.#invokeOf(this.#deferredFor(before, invocation.delivery))(invocation)
  }

  handlersOf({ event, position }: Delivery): readonly string[] {
    if (event === undefined) return []
    return this.#handlers
      .filter((handler) => handles(handler, event) && position > this.#since(handler))
      .map(({ name }) => name)
  }

  goneOf({ handlers, type }: DeferredEvent): readonly string[] | undefined {
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
