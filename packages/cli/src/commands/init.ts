// `tidings init <folder>` on the command line: its arguments and options. What it does is in actions/init.ts, which is loaded when it runs.

import type { Command } from 'commander'
import type { Invocation } from '../invocation.ts'
import { action, withJson } from './shared-options.ts'

/** Adds the command. */
export function addInit(program: Command, invocation: Invocation): void {
  const command = program
    .command('init')
    .argument('<folder>', 'the folder to write; it must be empty or not exist')
    .description('write a new system of two services, with tests')
  withJson(command).action(
    action<{ json?: boolean }>(invocation, async () => (await import('../actions/init.ts')).init),
  )
}
