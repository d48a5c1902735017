// The command line as a whole: its commands and options, and how it refuses what it does not know.

import { Command, CommanderError } from 'commander'
import { addAccept } from './commands/accept.ts'
import { addAcceptVersions } from './commands/accept-versions.ts'
import { addBackup, addRestore } from './commands/backup.ts'
import { addCheck } from './commands/check.ts'
import { addDead } from './commands/dead.ts'
import { addDev } from './commands/dev.ts'
import { addEngines } from './commands/engines.ts'
import { addEvents } from './commands/events.ts'
import { addInit } from './commands/init.ts'
import { addMap } from './commands/map.ts'
import { addEffects, addTimers } from './commands/pending.ts'
import { addProcess } from './commands/process.ts'
import { addRebuild } from './commands/rebuild.ts'
import { addSimulate } from './commands/simulate.ts'
import { addStart } from './commands/start.ts'
import { addStatus } from './commands/status.ts'
import { addWhy } from './commands/why.ts'
import type { Invocation } from './invocation.ts'
import { completer, FailedCommand } from './system/printed-commands.ts'
import { rendered, wrapped } from './terminal/text.ts'
import { showFailure } from './usage/command-failure.ts'
import { type ExitCode, exitCodes } from './usage/exit-codes.ts'
import { unknownCommand, usageFailure } from './usage/usage-failure.ts'
import { version } from './version.ts'

/** Runs the command with its arguments (without `node` and the script) and returns the exit code. */
export async function runCommandLine(args: readonly string[], invocation: Invocation): Promise<ExitCode> {
  const { terminal } = invocation
  const program = createProgram(invocation)
  try {
    checkHelp(program, args)
    await program.parseAsync([...args], { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok
    // Commander has printed the help itself, because no command was named.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage
    const failure = error instanceof CommanderError ? usageFailure(error, program, args) : error
    const json = args.includes('--json')
    return failure instanceof FailedCommand
      ? showFailure(terminal, failure.cause, json, failure.complete)
      : showFailure(terminal, failure, json, completer(invocation))
  }
}

/** Makes the command line; nothing runs until it is parsed. */
export function createProgram(invocation: Invocation): Command {
  const { terminal } = invocation
  const program = new Command('tidings')
    .description('Runs a system of services, shows what happens in it, and operates it.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .commandsGroup('Help:')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({
      helpWidth: terminal.width,
      commandDescription: (command) => sentence(command.description()),
      subcommandTerm: (command) =>
        [
          command.name(),
          ...command.registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`)),
        ].join(' '),
    })
    .configureOutput({
      writeOut: (text) => terminal.lines(text.trimEnd().split('\n')),
      writeErr: (text) => {
        for (const line of text.trimEnd().split('\n')) terminal.note(line)
      },
      outputError: () => {},
    })
    .exitOverride()
  for (const [heading, commands] of commandGroups) {
    program.commandsGroup(heading)
    for (const add of commands) add(program, invocation)
  }
  const lines = wrapped(exitCodeText, terminal.width).map((line) => rendered(line, false).trimEnd())
  program.addHelpText('after', `\n${lines.join('\n')}`)
  return program
}

/** Adds one command to the program. */
export type Adder = (program: Command, invocation: Invocation) => void

const commandGroups: readonly (readonly [heading: string, commands: readonly Adder[]])[] = [
  ['Run:', [addInit, addDev, addStart]],
  ['Look:', [addMap, addStatus, addEvents, addWhy, addProcess, addTimers, addEffects]],
  ['Operate:', [addDead, addRebuild, addAccept, addAcceptVersions, addCheck, addBackup, addRestore, addEngines]],
  ['Test:', [addSimulate]],
]

const exitCodeText =
  'Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 not running, 4 not found, 5 refused, 6 incomplete, 130 interrupted.'

// Refuses `help <unknown>`, for which commander would print the general help.
function checkHelp(program: Command, [first, name]: readonly string[]): void {
  if (first !== 'help' || name === undefined || name.startsWith('-') || name === 'help') return
  if (program.commands.every((command) => command.name() !== name)) throw unknownCommand(program, name)
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
}
