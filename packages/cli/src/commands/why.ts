// `tidings why <event>` on the command line: its arguments and options. What it does is in actions/why.ts, which is loaded when it runs.

import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds the command. */
export function addWhy(program: Command, invocation: Invocation): void {
  const command = program
    .command('why')
    .argument('<event>', 'the id of an event, <type>/<id>, or the id of a command')
    .description('show what led to an event, and everything that followed from it')
  withSystemOptions(command).action(
    action<SystemOptions>(invocation, async () => (await import('../actions/why.ts')).explain),
  )
}
