// `tidings init <folder>` on the command line: its arguments and options. What it does is in actions/init.ts, which is loaded when it runs.

import { type Command, Option } from 'commander'
import type { InitOptions } from '../actions/init.ts'
import type { Invocation } from '../invocation.ts'
import { action, withJson } from './shared-options.ts'

/** Adds the command. */
export function addInit(program: Command, invocation: Invocation): void {
  const command = program
    .command('init')
    .argument('<folder>', 'the folder to write; it must be empty or not exist')
    .description('write a new system of two services, with tests')
    .addOption(
      new Option('--engine <name>', 'where it keeps its data').choices(['sqlite', 'postgres']).default('sqlite'),
    )
  withJson(command).action(action<InitOptions>(invocation, async () => (await import('../actions/init.ts')).init))
}
