// `tidings accept <service> <source>`: resumes subscriptions that stopped because their source was deleted or restored from a backup.

import type { AcceptFrom } from 'tidings/operations'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { operate } from '../system/operator.ts'
import { bold, dim, green } from '../terminal/text.ts'

/** The options. */
export interface AcceptOptions extends SystemOptions {
  readonly from: AcceptFrom
}

/** Resumes the subscriptions, and prints from where. */
export async function accept(invocation: Invocation, options: AcceptOptions, service = '', source = ''): Promise<void> {
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
