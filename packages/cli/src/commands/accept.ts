// `tidings accept <service> <source>`: lets subscriptions go on whose source was deleted or restored from a backup.

import { type Command, Option } from 'commander'
import type { AcceptFrom } from 'tidings/operations'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { operate } from '../system/operator.ts'
import { bold, dim, green } from '../terminal/text.ts'
import { action, withSystemOptions } from './shared-options.ts'

interface AcceptOptions extends SystemOptions {
  readonly from: AcceptFrom
}

/** Adds the command. */
export function addAccept(program: Command, invocation: Invocation): void {
  const command = program
    .command('accept')
    .argument('<service>', 'whose subscriptions have stopped')
    .argument('<source>', 'the service whose history has changed')
    .description('let stopped subscriptions go on after their source was restored')
    .addOption(
      new Option('--from <place>', 'behind what the source has kept, from its beginning, or with what comes now')
        .choices(['kept', 'beginning', 'now'])
        .makeOptionMandatory(),
    )
  withSystemOptions(command).action(action<AcceptOptions>(invocation, accept))
}

async function accept(invocation: Invocation, options: AcceptOptions, service = '', source = ''): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal } = invocation
    const accepted = await operator.clientOf(service).accept(service, source, options.from)
    if (options.json === true) {
      terminal.json({ service, source, accepted })
      return
    }
    for (const { subscriber, from } of accepted)
      terminal.line([
        green('✓ '),
        bold(service),
        dim(`/${subscriber}`),
        ` goes on from ${from === '' ? 'the beginning' : from} of ${source}`,
      ])
  })
}
