// The options that every command about a system takes, declared once.

import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { CommandFailure } from '../usage/command-failure.ts'

/** Adds `--config`, `--data` and `--json`. */
export function withSystemOptions(command: Command): Command {
  return withJson(
    command
      .option('--config <path>', 'the configuration, or its folder', '.')
      .option('--data <folder>', 'where the data live, if not where the configuration says'),
  )
}

/** Adds `--json`. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON')
}

/** Adds the options that choose among held events. */
export function withSelection(command: Command): Command {
  return command
    .option('--service <name>', 'only what this service holds')
    .option('--subscriber <name>', 'only what this subscriber holds')
    .option('--type <event>', 'only events of this type')
    .option('--code <code>', 'only this error code')
    .option('--key <key>', 'only this key')
    .option('--id <id>', 'only this event')
}

/** Reads a whole number of an option; throws a usage failure. */
export function wholeNumber(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new CommandFailure('usage', `${name} is a whole number from ${least} to ${most}, not "${text}".`)
  }
}

/** What an action of commander calls: it gets the arguments in order, then the options. */
export type Action<Options> = (invocation: Invocation, options: Options, ...args: string[]) => Promise<void>

/** Makes an action for commander out of ours. */
export function action<Options = SystemOptions>(invocation: Invocation, run: Action<Options>) {
  return async (...given: unknown[]): Promise<void> => {
    // Commander passes arguments, then options, then the command itself.
    const options = given.at(-2) as Options
    await run(invocation, options, ...(given.slice(0, -2) as string[]))
  }
}
