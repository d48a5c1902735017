// The command line as a whole: its commands and options, and how what is unknown is refused.

import { Command, CommanderError } from 'commander'
import { addAccept } from './commands/accept.ts'
import { addBackup, addRestore } from './commands/backup.ts'
import { addDead } from './commands/dead.ts'
import { addDev } from './commands/dev.ts'
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
import { CommandFailure, showFailure } from './usage/command-failure.ts'
import { type ExitCode, exitCodes } from './usage/exit-codes.ts'
import { version } from './version.ts'

/** Runs the command with its arguments (without `node` and the script) and gives the exit code. */
export async function runCommandLine(args: readonly string[], invocation: Invocation): Promise<ExitCode> {
  const { terminal } = invocation
  try {
    await createProgram(invocation).parseAsync([...args], { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok
    // Commander showed the help by itself: no command was named.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage
    return showFailure(terminal, error instanceof CommanderError ? usageFailure(error) : error, args.includes('--json'))
  }
}

/** Makes the command line; nothing runs until it is parsed. */
export function createProgram(invocation: Invocation): Command {
  const { terminal } = invocation
  const program = new Command('tidings')
    .description('Runs a system of services, looks into it, and operates it.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'say what a command does')
    .helpCommand('help [command]', 'say what a command does')
    .configureHelp({
      helpWidth: terminal.width,
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
  const run: Adder[] = [
    addInit,
    addDev,
    addStart,
    addMap,
    addSimulate,
    addStatus,
    addEvents,
    addWhy,
    addDead,
    addProcess,
    addTimers,
    addEffects,
    addRebuild,
    addAccept,
    addBackup,
    addRestore,
  ]
  for (const add of run) add(program, invocation)
  program.addHelpText('after', '\nExit codes: 0 ok, 1 failed, 2 wrong usage, 3 not running, 4 not found, 5 refused.')
  return program
}

/** Adds one command to the program. */
export type Adder = (program: Command, invocation: Invocation) => void

// Commander says "error: unknown command 'evnts'\n(Did you mean events?)".
function usageFailure(error: CommanderError): CommandFailure {
  const [first = '', ...more] = error.message.replace(/^error: /, '').split('\n')
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1)}${first.endsWith('.') ? '' : '.'}`
  const suggestion = more.join(' ').replace(/^\((.*)\)$/, '$1')
  return new CommandFailure('usage', message, suggestion === '' ? '`tidings --help` lists what there is.' : suggestion)
}
