// `tidings events` on the command line: its arguments and options. What it does is in actions/events.ts, which is loaded when it runs.

import type { Command } from 'commander'
import type { EventsOptions } from '../actions/events.ts'
import type { Invocation } from '../invocation.ts'
import { action, eventsMax, wholeNumber, withSystemOptions } from './shared-options.ts'

/** Adds the command. */
export function addEvents(program: Command, invocation: Invocation): void {
  const command = program
    .command('events')
    .description('list published events, newest last, or follow new ones')
    .option('--type <event>', 'only events of this type')
    .option('--key <key>', 'only events with this key')
    .option('--correlation <id>', 'only events of this conversation')
    .option('--id <id>', 'only the event with this id')
    .option('--service <name>', 'only events published by this service')
    .option('--limit <number>', 'how many events at most', wholeNumber('--limit', 1, eventsMax), 20)
    .option('-f, --follow', 'keep printing events as they are published')
  withSystemOptions(command).action(
    action<EventsOptions>(invocation, async () => (await import('../actions/events.ts')).showEvents),
  )
}
