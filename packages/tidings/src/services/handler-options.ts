// The options of functions: what a command, a timer or a handler of events declares that it does. Types only.

import type { StartFrom } from './declarations.ts'
import type { NamedCommand, NamedEffect, NamedQuery, PublishedEvent } from './declared-use.ts'

/** Options of a command's handler. */
export interface CommandHandlerOptions<
  Published extends string = string,
  Executed extends string = string,
  Requested extends string = string,
> {
  /** The events that it may publish. */
  readonly publishes?: readonly PublishedEvent<Published>[]
  /** The commands of its own service that it may execute in its unit of work. */
  readonly executes?: readonly NamedCommand<Executed>[]
  /** The effects of its own service that it may request. */
  readonly requests?: readonly NamedEffect<Requested>[]
}

/** Options of a timer's handler. */
export interface TimerHandlerOptions<
  Published extends string = string,
  Executed extends string = string,
  Requested extends string = string,
> extends CommandHandlerOptions<Published, Executed, Requested> {
  /** One sentence for the map. */
  readonly description?: string
}

/** Options of an event's handler. */
export interface HandlerOptions<
  Published extends string = string,
  Executed extends string = string,
  LookedUp extends string = string,
  Requested extends string = string,
> extends CommandHandlerOptions<Published, Executed, Requested> {
  /** The queries of other services that it may look up; each is a synchronous dependency, shown on the map. */
  readonly lookups?: readonly NamedQuery<LookedUp>[]
  /** The subscriber that it belongs to. Default: `main` for all handlers, so that they handle events of one key in order across types. */
  readonly subscriber?: string
  /** Where it starts. Default for a new subscriber: `beginning`; required if you add the handler to a subscriber that has already run. */
  readonly from?: StartFrom
  /**
   * The name that it had before, in kebab-case: it goes on where it was, and what is parked for it under that name is its own. Without it, a renamed
   * handler is a new one.
   */
  readonly was?: string
  /**
   * Requests effects only for events that were recorded at or after this moment; with `now`, only for events recorded since the handler first ran.
   * Default: for all events.
   */
  readonly effectsFrom?: Date | 'now'
  /** One sentence for the map. */
  readonly description?: string
}
