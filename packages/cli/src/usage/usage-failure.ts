// Rewords the usage errors that commander finds: each gets a message that is a sentence, and says what to type instead.

import type { Command, CommanderError } from 'commander'
import { CommandFailure } from './command-failure.ts'
import { nearestName } from './nearest.ts'

/** Turns an error of commander, such as "error: unknown command 'evnts'\n(Did you mean events?)", into a failure. */
export function usageFailure(error: CommanderError, program: Command, args: readonly string[]): CommandFailure {
  const [first = '', ...more] = error.message.replace(/^error: /, '').split('\n')
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1)}${first.endsWith('.') ? '' : '.'}`
  const suggestion = more.join(' ').replace(/^\((.*)\)$/, '$1')
  return new CommandFailure('usage', message, suggestion === '' ? helpHint(program, args) : suggestion)
}

/** The failure for a command that does not exist, with the nearest one that does. */
export function unknownCommand(program: Command, name: string): CommandFailure {
  const near = nearestName(
    name,
    program.commands.map((command) => command.name()),
  )
  const hint = near === undefined ? helpHint(program, []) : `Did you mean ${near}?`
  return new CommandFailure('usage', `Unknown command '${name}'.`, hint)
}

function helpHint(program: Command, args: readonly string[]): string {
  let command = program
  const names = [program.name()]
  for (const arg of args) {
    const inner = command.commands.find((each) => each.name() === arg)
    if (inner === undefined) break
    command = inner
    names.push(arg)
  }
  const what = command.commands.length > 0 ? 'the commands' : 'the arguments and options'
  return `\`${names.join(' ')} --help\` lists ${what}.`
}
