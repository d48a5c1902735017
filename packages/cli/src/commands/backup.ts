// `tidings backup` and `tidings restore` on the command line: their arguments and options. What they do is in actions/backup.ts, which is loaded when one runs.

import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds `backup`. */
export function addBackup(program: Command, invocation: Invocation): void {
  const command = program
    .command('backup')
    .argument('<service>', 'the service whose store to copy')
    .argument('<file>', 'the file to write; it must not exist')
    .description("copy a service's store into one file, also while the service runs")
  withSystemOptions(command).action(
    action<SystemOptions>(invocation, async () => (await import('../actions/backup.ts')).backup),
  )
}

/** Adds `restore`. */
export function addRestore(program: Command, invocation: Invocation): void {
  const command = program
    .command('restore')
    .argument('<service>', 'the service whose store to replace; it must be stopped')
    .argument('<file>', 'a file written by `tidings backup`')
    .description("replace a stopped service's store with a backup")
    .option('-y, --yes', 'do not ask for confirmation')
  withSystemOptions(command).action(
    action<SystemOptions & { yes?: boolean }>(invocation, async () => (await import('../actions/backup.ts')).restore),
  )
}
