// `tidings process` on the command line: its arguments and options. What it does is in actions/process.ts, which is loaded when it runs.

import { type Command, Option } from 'commander'
import type { ListOptions, ShowOptions } from '../actions/process.ts'
import type { Invocation } from '../invocation.ts'
import { action, wholeNumber, withSystemOptions } from './shared-options.ts'

/** Adds the command with its subcommands. */
export function addProcess(program: Command, invocation: Invocation): void {
  const both = program.command('process').description('list process managers (sagas), or show the history of one')
  const list = both
    .command('list', { isDefault: true })
    .argument('[service]', 'only process managers of this service')
    .description('list instances of process managers, by process and key')
    .option('--process <name>', 'only instances of this process manager')
    .addOption(new Option('--state <state>', 'only instances in this state').choices(['running', 'ended']))
    .option('--limit <count>', 'how many instances at most', wholeNumber('--limit', 1, 1_000), 100)
  withSystemOptions(list).action(
    action<ListOptions>(invocation, async () => (await import('../actions/process.ts')).listInstances),
  )
  const show = both
    .command('show')
    .argument('<process>', 'the name of a process manager, or <service>/<process>')
    .argument('<key>', 'the key of the instance')
    .description('show the history of an instance: inputs, facts, and what it published')
    .option('--limit <count>', 'how many of the newest steps', wholeNumber('--limit', 1, 1_000), 100)
    .option('--before <number>', 'only steps before this one', wholeNumber('--before', 1, Number.MAX_SAFE_INTEGER))
  withSystemOptions(show).action(
    action<ShowOptions>(invocation, async () => (await import('../actions/process.ts')).showInstance),
  )
}
