// `tidings map` on the command line: its arguments and options. What it does is in actions/map.ts, which is loaded when it runs.

import { type Command, Option } from 'commander'
import type { MapOptions } from '../actions/map.ts'
import type { Invocation } from '../invocation.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds the command. */
export function addMap(program: Command, invocation: Invocation): void {
  const command = program
    .command('map')
    .description('show who hears what: services, functions, events, lookups')
    .addOption(new Option('--format <format>', 'the format').choices(['text', 'mermaid', 'json']).default('text'))
  withSystemOptions(command).action(
    action<MapOptions>(invocation, async () => (await import('../actions/map.ts')).showMap),
  )
}
