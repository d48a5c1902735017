// `tidings status` on the command line: its arguments and options. What it does is in actions/status.ts, which is loaded when it runs.

import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds the command. */
export function addStatus(program: Command, invocation: Invocation): void {
  const command = program
    .command('status')
    .description('show the lag, staleness, dead letters and rebuilds of all services')
  withSystemOptions(command).action(
    action<SystemOptions>(invocation, async () => (await import('../actions/status.ts')).showStatus),
  )
}
