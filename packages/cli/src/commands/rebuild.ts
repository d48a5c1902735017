// `tidings rebuild <service> <read model>` on the command line: its arguments and options. What it does is in actions/rebuild.ts, which is loaded when it runs.

import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds the command. */
export function addRebuild(program: Command, invocation: Invocation): void {
  const command = program
    .command('rebuild')
    .argument('<service>', 'the service of the read model')
    .argument('<read-model>', 'the name of a projection or a replica')
    .description('rebuild a read model from history while the old one answers queries')
  withSystemOptions(command).action(
    action<SystemOptions>(invocation, async () => (await import('../actions/rebuild.ts')).rebuild),
  )
}
