// The public entry of the command line: its exit codes, for scripts that start it. Everything else is the `tidings` command.

export { type ExitCode, exitCodes } from './usage/exit-codes.ts'
