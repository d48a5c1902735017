// `tidings accept <service> <source>` on the command line: its arguments and options. What it does is in actions/accept.ts, which is loaded when it runs.

import { type Command, Option } from 'commander'
import type { AcceptOptions } from '../actions/accept.ts'
import type { Invocation } from '../invocation.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds the command. */
export function addAccept(program: Command, invocation: Invocation): void {
  const command = program
    .command('accept')
    .argument('<service>', 'the service whose subscriptions are stopped')
    .argument('<source>', 'the service that was deleted or restored')
    .description('resume subscriptions that stopped because their source was restored')
    .addOption(
      new Option(
        '--from <place>',
        'where to resume: after the last event that the source has kept, at its beginning, or with new events only',
      )
        .choices(['kept', 'beginning', 'now'])
        .makeOptionMandatory(),
    )
  withSystemOptions(command).action(
    action<AcceptOptions>(invocation, async () => (await import('../actions/accept.ts')).accept),
  )
}
