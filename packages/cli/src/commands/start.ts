// `tidings start <service>` on the command line: its arguments and options. What it does is in actions/start.ts, which is loaded when it runs.

import { type Command, Option } from 'commander'
import type { StartOptions } from '../actions/start-options.ts'
import type { Invocation } from '../invocation.ts'
import { action, logLevels, wholeNumber, withSystemOptions } from './shared-options.ts'

/** Adds the command. */
export function addStart(program: Command, invocation: Invocation): void {
  const command = program
    .command('start')
    .argument('[service]', 'the service to run')
    .description('run one service in this process, or all services in processes of their own, for production')
    .option('--all', 'run every service, each in a process that is started again if it ends')
    .option('--port <number>', 'the port of its HTTP API; 0 takes a free port', wholeNumber('--port', 0, 65_535))
    .option('--host <address>', 'the address on which its HTTP API listens')
    .option('--health <[address:]port>', 'where it answers /livez and /readyz, and nothing else; 0 takes a free port')
    .addOption(new Option('--log <level>', 'the lowest log level to write').choices(logLevels).default('info'))
  withSystemOptions(command).action(
    action<StartOptions>(invocation, async () => (await import('../actions/start.ts')).start),
  )
}
