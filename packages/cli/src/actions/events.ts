// `tidings events`: published events, newest last, and new ones as they are published (`--follow`).

import type { EventSearch } from '@tidings/http/wire'
import type { LoggedEvent } from 'tidings'
import { eventsMax } from '../commands/shared-options.ts'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { eventJson } from '../system/event-json.ts'
import { EventLines } from '../system/event-lines.ts'
import { follow } from '../system/follow-events.ts'
import { unknown } from '../system/load-system.ts'
import { type Operator, operate } from '../system/operator.ts'
import { withSpinner } from '../terminal/progress.ts'
import { dim } from '../terminal/text.ts'
import { noteStopped } from './not-running.ts'

/** The options. */
export interface EventsOptions extends SystemOptions {
  readonly type?: string
  readonly key?: string
  readonly correlation?: string
  readonly id?: string
  readonly service?: string
  readonly limit: number
  readonly follow?: boolean
}

/** Lists events, and follows new ones. */
export async function showEvents(invocation: Invocation, options: EventsOptions): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal, interrupted } = invocation
    const quiet = options.json === true
    const { limit } = options
    const search = searchOf(operator, options)
    const following = options.follow === true ? await follow(operator, search) : undefined
    // One more than is shown tells whether there are older ones.
    const found = await withSpinner({ terminal, title: 'Searching', quiet }, () =>
      operator.events(search, Math.min(limit + 1, eventsMax)),
    )
    const events = found.slice(0, limit).reverse()
    if (following === undefined) {
      if (quiet) terminal.json(events.map(eventJson))
      else if (events.length === 0) terminal.line(dim('No events found.'))
    }
    const lines = new EventLines(terminal.width)
    const show = (event: LoggedEvent) => {
      if (following !== undefined && quiet) terminal.json(eventJson(event), true)
      else if (!quiet) terminal.lines(lines.of(event))
    }
    for (const event of events) show(event)
    if (!quiet && found.length > limit) terminal.line(dim(`Showing the newest ${limit}; raise --limit for older ones.`))
    if (!quiet) noteStopped(terminal, operator, 'Their event logs were read from disk.')
    if (following === undefined) return
    const shown = new Set(events.map(identity))
    for await (const event of following(interrupted)) if (!shown.delete(identity(event))) show(event)
  })
}

function identity({ source, id }: LoggedEvent): string {
  return `${source}/${id}`
}

function searchOf(operator: Operator, options: EventsOptions): EventSearch {
  const { service, type, key, correlation, id } = options
  const types = operator.services.flatMap(({ publishes }) => publishes)
  const owner = types.find(({ name }) => name === type)?.owner
  if (type !== undefined && owner === undefined)
    throw unknown(
      'No service publishes an event',
      type,
      types.map(({ name }) => name),
    )
  const only = service ?? owner
  return {
    ...(only === undefined ? {} : { service: only }),
    ...(type === undefined ? {} : { type }),
    ...(key === undefined ? {} : { key }),
    ...(correlation === undefined ? {} : { correlation }),
    ...(id === undefined ? {} : { id }),
  }
}
