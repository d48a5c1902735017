// `tidings engines` on the command line: its arguments and options. What it does is in actions/engines.ts, which is loaded when it runs.

import type { Command } from 'commander'
import type { Invocation } from '../invocation.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds the command. */
export function addEngines(program: Command, invocation: Invocation): void {
  const command = program
    .command('engines')
    .argument('[setup]', 'print what the engine needs to be set up, such as postgres-sql')
    .description('show the engine of the system, or print what a database administrator sets up for it')
  withSystemOptions(command).action(action(invocation, async () => (await import('../actions/engines.ts')).showEngines))
}
