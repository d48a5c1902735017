// `tidings accept-versions [service]`: accepts versions that were edited after data were stored under them. Stored data are not changed.

import type { AcceptedVersions } from '@tidings/http/wire'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { operate } from '../system/operator.ts'
import { bold, dim, green, type Text, wrapped } from '../terminal/text.ts'

/** Accepts edited versions, and prints which. */
export async function acceptVersions(invocation: Invocation, options: SystemOptions, service?: string): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal } = invocation
    const services: readonly AcceptedVersions[] = await operator.ask(
      service,
      (client) => client.acceptVersions(service),
      async (runtime) => [{ service: runtime.name, accepted: await runtime.acceptVersions() }],
    )
    const edited = services.filter(({ accepted }) => accepted.length > 0)
    if (options.json === true) terminal.json({ services: edited })
    else if (edited.length === 0) terminal.line(dim('No version was edited after data were stored under it.'))
    else terminal.lines(edited.flatMap((each) => linesOf(each).flatMap((line) => wrapped(line, terminal.width))))
  })
}

function linesOf({ service, accepted }: AcceptedVersions): readonly Text[] {
  return accepted.map(({ what, version, member, change }) => [
    green('✓ '),
    bold(service),
    dim(` ${what} version ${version}: `),
    `${member || 'it'} ${change}`,
  ])
}
