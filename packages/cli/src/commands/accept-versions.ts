// `tidings accept-versions [service]` on the command line: its arguments and options. What it does is in actions/accept-versions.ts, which is loaded when it runs.

import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds the command. */
export function addAcceptVersions(program: Command, invocation: Invocation): void {
  const command = program
    .command('accept-versions')
    .argument('[service]', 'only the versions of this service')
    .description('accept versions that were edited after data were stored under them')
  withSystemOptions(command).action(
    action<SystemOptions>(invocation, async () => (await import('../actions/accept-versions.ts')).acceptVersions),
  )
}
