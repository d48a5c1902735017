// `tidings accept <service> <source>`: resumes subscriptions that stopped because their source was deleted or restored from a backup.

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
        ` resumes ${from === '' ? 'at the beginning' : `after position ${from}`} of ${source}`,
      ])
  })
}
