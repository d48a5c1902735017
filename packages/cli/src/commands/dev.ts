// `tidings dev` on the command line: its arguments and options. What it does is in actions/dev.ts, which is loaded when it runs.

import { type Command, Option } from 'commander'
import type { DevOptions } from '../actions/dev.ts'
import type { Invocation } from '../invocation.ts'
import { action, logLevels, wholeNumber, withSystemOptions } from './shared-options.ts'

/** Adds the command. */
export function addDev(program: Command, invocation: Invocation): void {
  const command = program
    .command('dev')
    .description('run all services in one process, and restart it whenever a file changes')
    .option('--port <number>', 'the port of the HTTP API; 0 takes a free port', wholeNumber('--port', 0, 65_535))
    .option('--inspect [address]', 'let a debugger attach; handlers and lookups do not time out meanwhile')
    .option('--no-reload', 'do not watch files')
    .addOption(new Option('--log <level>', 'the lowest log level to print').choices(logLevels).default('info'))
  withSystemOptions(command).action(
    action<DevOptions>(invocation, async () => (await import('../actions/dev.ts')).runDev),
  )
}
