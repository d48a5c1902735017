// `tidings check` on the command line: its arguments and options. What it does is in actions/check.ts, which is loaded when it runs.

import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds `check`. */
export function addCheck(program: Command, invocation: Invocation): void {
  const command = program
    .command('check')
    .argument('<service>', 'the service whose store to check')
    .description("read all of a service's store and name what is damaged, also while the service runs")
  withSystemOptions(command).action(
    action<SystemOptions>(invocation, async () => (await import('../actions/check.ts')).check),
  )
}
