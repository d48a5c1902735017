// Options that several commands share, declared once.

import type { Command } from 'commander'
import type { CommandInvocation, Invocation, SystemOptions } from '../invocation.ts'
import { completer, FailedCommand } from '../system/printed-commands.ts'
import { CommandFailure } from '../usage/command-failure.ts'

/** The log levels, from everything to nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** The most events that a search returns. */
export const eventsMax = 10_000

/** Adds `--config`, `--data` and `--json`. */
export function withSystemOptions(command: Command): Command {
  return withJson(
    command
      .option('--config <path>', 'the configuration file, or its folder', '.')
      .option('--data <folder>', 'the data folder, if not the one in the configuration'),
  )
}

/** Adds `--json`. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print the result as JSON')
}

/** Adds the options that choose among deferred events. */
export function withSelection(command: Command): Command {
  return command
    .option('--service <name>', 'only events deferred by this service')
    .option('--subscriber <name>', 'only events deferred by this subscriber')
    .option('--type <event>', 'only events of this type')
    .option('--code <code>', 'only events with this error code')
    .option('--key <key>', 'only events with this key')
    .option('--id <id>', 'only the event with this id')
}

/** Parses an option that is a whole number; throws a usage failure. */
export function wholeNumber(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new CommandFailure('usage', `${name} must be a whole number from ${least} to ${most}, not "${text}".`)
  }
}

/** A command's function: it gets the options, then the arguments in order. */
export type Action<Options> = (invocation: CommandInvocation, options: Options, ...args: string[]) => Promise<void>

/** Turns a command's function into an action for commander. It is loaded when the command runs: help needs little of what commands need. */
export function action<Options extends object = SystemOptions>(
  invocation: Invocation,
  load: () => Promise<Action<Options>>,
) {
  return async (...given: unknown[]): Promise<void> => {
    // Commander passes the arguments, then the options, then the command.
    const options = given.at(-2) as Options
    const complete = completer(invocation, options)
    try {
      const run = await load()
      await run({ ...invocation, complete }, options, ...(given.slice(0, -2) as string[]))
    } catch (error) {
      throw new FailedCommand(error, complete)
    }
  }
}
