// Collects the conversation of an event: its events from all services, and their deliveries.

import type { LoggedEvent } from 'tidings'
import { type CausalTree, causalTree } from 'tidings/operations'
import type { Operator } from '../system/operator.ts'
import { CommandFailure } from '../usage/command-failure.ts'

/** A conversation. */
export interface Conversation {
  /** The event that was asked for. */
  readonly asked: LoggedEvent
  readonly tree: CausalTree
}

/** How many events of a conversation are drawn at most. */
const eventsMax = 10_000

/** Finds an event by its id, by `<type>/<id>`, or by the id of the command that began its conversation; throws `NOT_FOUND`. */
export async function findEvent(operator: Operator, reference: string): Promise<LoggedEvent> {
  const types = operator.services.flatMap(({ publishes }) => publishes.map(({ name }) => name))
  const slash = reference.indexOf('/')
  const type = slash > 0 ? reference.slice(0, slash) : ''
  const searches = [
    ...(types.includes(type) ? [{ type, id: reference.slice(slash + 1) }] : []),
    { id: reference },
    // A type that is no longer declared may still be in an event log.
    ...(slash > 0 && !types.includes(type) ? [{ type, id: reference.slice(slash + 1) }] : []),
    // A command begins a conversation with its own id, unless its sender has given another.
    { correlation: reference },
  ]
  for (const search of searches) {
    const [found] = await operator.events(search, 1)
    if (found !== undefined) return found
  }
  throw new CommandFailure(
    'notFound',
    `No service has published an event with the id ${reference}, or for a command with this id.`,
    '`tidings events` lists published events with their ids.',
  )
}

/** Collects the conversation of an event from all services. */
export async function collectConversation(operator: Operator, asked: LoggedEvent): Promise<Conversation> {
  const events = await operator.events({ correlation: asked.correlationId }, eventsMax)
  // Ids are unique within their source. The event itself belongs to its conversation even if the search misses it.
  const all = events.some(({ id, source }) => id === asked.id && source === asked.source) ? events : [...events, asked]
  return { asked, tree: causalTree(asked.correlationId, all, await operator.deliveries(all)) }
}
