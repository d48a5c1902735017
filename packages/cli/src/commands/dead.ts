// `tidings dead` on the command line: its arguments and options. What it does is in actions/dead.ts, which is loaded when it runs.

import type { Command } from 'commander'
import type { RedriveFlags, SelectionOptions } from '../actions/dead.ts'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { action, withSelection, withSystemOptions } from './shared-options.ts'

/** Adds the command with its subcommands. */
export function addDead(program: Command, invocation: Invocation): void {
  const dead = program.command('dead').description('list dead letters, show one, or redrive them')
  const list = dead
    .command('list', { isDefault: true })
    .description('list dead letters and the events blocked behind them, grouped by code and message')
    .option('--all', 'also events that are retrying or waiting')
  withSystemOptions(withSelection(list)).action(
    action<SelectionOptions & { all?: boolean }>(invocation, async () => (await import('../actions/dead.ts')).listDead),
  )
  const show = dead
    .command('show')
    .argument('<event>', 'the id or key of a deferred event')
    .description('show a deferred event in full')
  withSystemOptions(show).action(
    action<SystemOptions>(invocation, async () => (await import('../actions/dead.ts')).showDead),
  )
  const again = dead
    .command('redrive')
    .description('show what a redrive would do; with --yes, handle dead letters again, each key in order')
    .option('-y, --yes', 'redrive them, instead of only showing what would happen')
    .option('--without-gone', 'go on without handlers that no longer exist, and give up what only they would handle')
  withSystemOptions(withSelection(again)).action(
    action<RedriveFlags>(invocation, async () => (await import('../actions/dead.ts')).redriveDead),
  )
}
