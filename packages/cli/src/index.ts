// The public entry: the exit codes of the `tidings` command, for scripts that start it. Everything else is reached through the command.

export { type ExitCode, exitCodes } from './usage/exit-codes.ts'
